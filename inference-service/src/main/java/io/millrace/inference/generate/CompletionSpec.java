package io.millrace.inference.generate;

import io.millrace.language.generate.SamplingSettings;
import java.util.List;

/**
 * What to generate for one choice, checked and without defaults left open.
 *
 * @param prompt token ids, at least one
 * @param maxTokens at least 1
 * @param echo text to give out before the completion; may be empty
 * @param stop texts that end the completion and are not part of it
 * @param ends tokens that do the same, besides the end of a document
 */
public record CompletionSpec(
    int[] prompt,
    int maxTokens,
    SamplingSettings sampling,
    String echo,
    List<String> stop,
    int[] ends) {}
