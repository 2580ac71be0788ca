/**
 * Checks of numerical code against finite differences; here and not among the tests because the
 * tests of other modules use them.
 */
@NullMarked
package io.millrace.tensor.check;

import org.jspecify.annotations.NullMarked;
