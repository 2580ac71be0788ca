package io.millrace.data.tokenizer;

/**
 * Inside this process: a dataset got its tokenizer.
 *
 * @param dataset its name
 */
public record TokenizerSet(String dataset) {}
