package io.millrace.language.plan;

import java.util.Locale;

/** Where a weight of the main model belongs; all of an MTP module is {@link #MTP}. */
public enum ModelPart {
  /** One row a vocabulary entry, of which a token reads one. */
  EMBEDDING,
  /** The output matrix; none where it is the embedding. */
  HEAD,
  /** Projections of the attention, without its norms. */
  ATTENTION,
  /** Feed-forward layers before the first with experts. */
  DENSE_FEED_FORWARD,
  /** Experts that every token passes. */
  SHARED_EXPERTS,
  /** Experts of which a token passes a few. */
  ROUTED_EXPERTS,
  /** What chooses them; its selection biases are not learned and not counted. */
  ROUTER,
  /** Gains of all norms. */
  NORMS,
  /** Multi-token prediction modules without the embedding and head that they share. */
  MTP;

  private static final String LAYERS = "model.layers.";

  /** The part of a weight by its name, in a model of so many layers without the MTP modules. */
  static ModelPart of(String name, int layers) {
    if (name.startsWith(LAYERS)
        && Integer.parseInt(name, LAYERS.length(), name.indexOf('.', LAYERS.length()), 10)
            >= layers) {
      return MTP;
    }
    return ofMain(name);
  }

  /** The part of a weight by its name alone. */
  static ModelPart ofMain(String name) {
    if (name.startsWith("model.embed_tokens.")) {
      return EMBEDDING;
    }
    if (name.startsWith("lm_head.")) {
      return HEAD;
    }
    if (name.contains("norm.")) {
      return NORMS;
    }
    if (name.contains(".self_attn.")) {
      return ATTENTION;
    }
    if (name.contains(".mlp.gate.")) {
      return ROUTER;
    }
    if (name.contains(".mlp.experts.")) {
      return ROUTED_EXPERTS;
    }
    if (name.contains(".mlp.shared_experts.")) {
      return SHARED_EXPERTS;
    }
    if (name.contains(".mlp.")) {
      return DENSE_FEED_FORWARD;
    }
    if (name.contains(".eh_proj.")) {
      return MTP;
    }
    throw new IllegalArgumentException("no part of a model is known for the weight " + name);
  }

  /** Its name in JSON. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
