package io.millrace.language.model;

/**
 * What a step says of the token to come of each of B sequences.
 *
 * @param logits [B, V]; empty where the step was to choose
 * @param chosen [B]; empty where logits are there
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
public record Said(float[] logits, int[] chosen) {}
