/** How long each operation takes as a program runs it, and what it must do at least. */
package org.sluice.tensor.observation;
