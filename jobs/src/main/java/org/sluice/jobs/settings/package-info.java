/**
 * Strict settings: a YAML text becomes a tree of values that know their line, options of the command line are laid over it, and the whole
 * is bound to records. Whatever does not fit is an error that names the file, the line, the key and what was expected.
 */
package org.sluice.jobs.settings;
