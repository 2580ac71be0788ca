/** Continuing a prompt with the latent cache. */
@NullMarked
package io.millrace.language.generate;

import org.jspecify.annotations.NullMarked;
