/** The one registry of activations, for networks of all kinds. */
@NullMarked
package io.millrace.tensor.activation;

import org.jspecify.annotations.NullMarked;
