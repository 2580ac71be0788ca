/** From a published checkpoint to the model that serves: verify, load, warm, exchange, drain. */
@NullMarked
package io.millrace.inference.swap;

import org.jspecify.annotations.NullMarked;
