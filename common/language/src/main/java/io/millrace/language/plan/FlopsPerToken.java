package io.millrace.language.plan;

import static java.lang.Math.addExact;
import static java.lang.Math.multiplyExact;

import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.DecoderLayout;

/**
 * Floating point operations of one token, a multiplication with its addition as two; products of
 * matrices only.
 *
 * @param context tokens of the document; the middle one attends to half of them
 * @param forward of the main model over a document, averaged over its tokens
 * @param attention part of {@code forward} that grows with the context: scores and their products
 *     with the values
 * @param training forward and backward of main model and MTP modules, nothing computed again: three
 *     times forward
 * @param decoding of one more token behind a full context, with the latent cache and the absorbed
 *     form
 */
public record FlopsPerToken(
    int context, long forward, long attention, long training, long decoding) {

  static FlopsPerToken of(LanguageConfig config, ParameterCount parameters, int context) {
    long norms = parameters.part(ModelPart.NORMS);
    long matrices = multiplyExact(2, parameters.active() - norms);
    long layer = attention(config, context);
    long attention = multiplyExact(config.numHiddenLayers(), layer);
    long mtp =
        multiplyExact(
            config.numNextnPredictLayers(), addExact(multiplyExact(2, mtpMatrices(config)), layer));
    long latent = 2L * config.kvLoraRank() + config.qkRopeHeadDim();
    long absorbed =
        multiplyExact(
            multiplyExact(2L * config.numHiddenLayers() * config.numAttentionHeads(), latent),
            (long) context);
    long forward = addExact(matrices, attention);
    return new FlopsPerToken(
        context,
        forward,
        attention,
        multiplyExact(3, addExact(forward, mtp)),
        addExact(matrices, absorbed));
  }

  /** Scores and weighted values of one layer, keys and values made for every head, causal. */
  private static long attention(LanguageConfig config, int context) {
    long widths = config.qkNopeHeadDim() + config.qkRopeHeadDim() + config.vHeadDim();
    return multiplyExact(config.numAttentionHeads() * widths, context + 1L);
  }

  /** Values of one MTP module's matrices that a token is multiplied with, the shared head too. */
  private static long mtpMatrices(LanguageConfig config) {
    long hidden = config.hiddenSize();
    long layer =
        new DecoderLayout(config)
            .specs().stream()
                .filter(spec -> spec.group().learned())
                .filter(spec ->
                    spec.name().startsWith("model.layers." + config.numHiddenLayers() + "."))
                .mapToLong(spec ->
                    switch (ModelPart.ofMain(spec.name())) {
                      case NORMS -> 0;
                      case ROUTED_EXPERTS -> ParameterCount.chosen(spec.count(), config);
                      case EMBEDDING,
                          HEAD,
                          ATTENTION,
                          DENSE_FEED_FORWARD,
                          SHARED_EXPERTS,
                          ROUTER,
                          MTP ->
                          spec.count();
                    })
                .reduce(0, Math::addExact);
    return addExact(layer, config.vocabSize() * hidden);
  }
}
