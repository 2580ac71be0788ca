package io.millrace.standalone.demo;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** What {@code --report} writes; a section is absent where its task was not asked for. */
@JsonInclude(JsonInclude.Include.NON_NULL)
record DemoReport(
    boolean ok,
    double seconds,
    @Nullable String error,
    @Nullable Language language,
    @Nullable Detection detection) {

  /**
   * The language half. Losses and the entropy are in nats a token, rates in tokens a second.
   *
   * @param checkpoints published while training, the untrained model not counted
   * @param swaps how many of them were swapped in
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Language(
      long documents,
      long tokens,
      long tokensLost,
      double packingEfficiency,
      long parameters,
      long parametersActive,
      long steps,
      double lossFirst,
      double lossLast,
      double heldoutLoss,
      double unigramEntropy,
      double trainTokensPerS,
      double decodeTokensPerS,
      double dataWaitShare,
      long checkpoints,
      long swaps,
      double swapPauseMsMax,
      long requests,
      long requestsFailed,
      String completionBefore,
      String completionAfter) {}

  /**
   * The detection half; {@code map50} and {@code map} are COCO figures on unseen pictures.
   *
   * @param checkpoints published while training, the untrained model not counted
   * @param swaps how many of them were swapped in
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Detection(
      long images,
      long boxes,
      long steps,
      double lossFirst,
      double lossLast,
      double map50,
      double map,
      double trainImagesPerS,
      double detectImagesPerS,
      long checkpoints,
      long swaps,
      long requests,
      long requestsFailed) {}
}
