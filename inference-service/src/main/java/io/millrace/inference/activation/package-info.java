/** The activations that networks have, for people to look at. */
@NullMarked
package io.millrace.inference.activation;

import org.jspecify.annotations.NullMarked;
