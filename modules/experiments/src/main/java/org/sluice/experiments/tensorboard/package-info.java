/**
 * A run's curves as event files of TensorBoard.
 *
 * <p>No kept library for the JVM writes them without all of TensorFlow, and the part of the format that curves need is small: records with
 * checksums, and three messages of protocol buffers.
 */
package org.sluice.experiments.tensorboard;
