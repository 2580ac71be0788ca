package io.millrace.vision.detector.head;

import io.millrace.vision.network.Level;
import java.util.List;

/**
 * What a head works on.
 *
 * @param levels maps of the neck, the finest first
 * @param classes that are told apart
 * @param width of the network's input in pixels
 * @param height of the network's input in pixels
 */
public record HeadInput(List<Level> levels, int classes, int width, int height) {

  public HeadInput {
    levels = List.copyOf(levels);
  }
}
