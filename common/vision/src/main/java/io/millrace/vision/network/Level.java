package io.millrace.vision.network;

/**
 * A map that a network gives.
 *
 * @param channels of the map
 * @param stride pixels of the input between its cells
 */
public record Level(int channels, int stride) {}
