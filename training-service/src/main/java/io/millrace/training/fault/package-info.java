/** Places where a process may die; tests let it die there. */
@NullMarked
package io.millrace.training.fault;

import org.jspecify.annotations.NullMarked;
