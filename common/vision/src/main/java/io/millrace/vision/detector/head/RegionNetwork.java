package io.millrace.vision.detector.head;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.network.NetworkWeights;

/** What a region's features pass before its class and its box are told from them. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ConnectedLayers.class, name = "connected"),
  @JsonSubTypes.Type(value = FifthStage.class, name = "fifth_stage")
})
public sealed interface RegionNetwork permits ConnectedLayers, FifthStage {

  /** Values that it gives of a region. */
  int values();

  /**
   * Puts {@code layers}, {@code blocks} and {@code dilation} into a BoxStage of {@code
   * two_stage.py}.
   *
   * @param name before those of its tensors
   * @param channels of the maps
   * @param bins along a side of a region
   * @throws IllegalArgumentException if it cannot work with as many channels
   */
  void put(KernelTuple stage, NetworkWeights weights, String name, int channels, int bins);
}
