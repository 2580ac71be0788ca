/** What a language model looks like: Hugging Face's config.json and named presets. */
@NullMarked
package io.millrace.language.config;

import org.jspecify.annotations.NullMarked;
