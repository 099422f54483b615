/** What the command {@code generate} is made of: where its tokenizer and its prompts come from, and how text is printed. */
package org.sluice.jobs.generate;
