/** OpenAI's completions, chat completions and models. */
@NullMarked
package io.millrace.inference.openai;

import org.jspecify.annotations.NullMarked;
