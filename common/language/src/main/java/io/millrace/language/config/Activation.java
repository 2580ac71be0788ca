package io.millrace.language.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The function of the gate in a feed-forward layer's gated linear unit, under Hugging Face's names
 * in {@code hidden_act} and, where they have one, those of the unit (arXiv 2002.05202): with SiLU
 * it is a SwiGLU, with GELU a GeGLU, with the sigmoid the first GLU.
 */
public enum Activation {
  /** x sigmoid(x). */
  SILU(0, "silu", "swish", "swiglu"),
  /** x times the normal distribution function, exactly. */
  GELU(1, "gelu", "geglu"),
  /** The approximation of GELU by tanh. */
  GELU_TANH(2, "gelu_pytorch_tanh", "gelu_new"),
  /** The logistic function. */
  SIGMOID(3, "sigmoid", "glu"),
  /** Hyperbolic tangent. */
  TANH(4, "tanh"),
  /** max(x, 0). */
  RELU(5, "relu"),
  /** x, times 0.01 where negative. */
  LEAKY_RELU(6, "leaky_relu"),
  /** x, times a slope where negative that is learned, one a layer. */
  PRELU(7, "prelu"),
  /** exp(x) - 1 where negative. */
  ELU(8, "elu"),
  /** ELU, scaled to keep mean 0 and variance 1. */
  SELU(9, "selu"),
  /** x tanh(log(1 + exp(x))). */
  MISH(10, "mish"),
  /** 1 where positive, else 0; its gradient is 0, so what computes the gate is never learned. */
  STEP(11, "step", "threshold");

  private final int code;
  private final List<String> names;

  Activation(int code, String... names) {
    this.code = code;
    this.names = List.of(names);
  }

  /** What the kernels call it. */
  public int code() {
    return code;
  }

  /** The name that is written. */
  @JsonValue
  public String key() {
    return names.getFirst();
  }

  /**
   * The function of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  @JsonCreator
  public static Activation of(String name) {
    return Arrays.stream(values())
        .filter(activation -> activation.names.contains(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "hidden_act is \"%s\"; it must be one of %s"
                    .formatted(
                        name,
                        Arrays.stream(values())
                            .flatMap(activation -> activation.names.stream())
                            .collect(Collectors.joining(", ")))));
  }
}
