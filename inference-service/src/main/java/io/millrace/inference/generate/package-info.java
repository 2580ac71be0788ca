/** Continuing prompts on threads of their own, with a bounded queue in front. */
@NullMarked
package io.millrace.inference.generate;

import org.jspecify.annotations.NullMarked;
