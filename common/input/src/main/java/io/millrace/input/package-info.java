/**
 * What comes from outside: JSON and numbers that people write, how they are read and in which words
 * they are refused; files, and whether they or the file system are to blame.
 */
@NullMarked
package io.millrace.input;

import org.jspecify.annotations.NullMarked;
