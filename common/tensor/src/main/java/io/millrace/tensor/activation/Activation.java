package io.millrace.tensor.activation;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.name.NearestName;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The activations of all networks, under Hugging Face's names in {@code hidden_act} and, where a
 * gated linear unit with the function as its gate has one, that of the unit (arXiv 2002.05202):
 * with SiLU it is a SwiGLU, with GELU a GeGLU, with ReLU a ReGLU, with the sigmoid the first GLU,
 * with nothing the bilinear unit.
 *
 * <p>A network's kernels call {@code activate(x, slope)} and are compiled together with the {@link
 * #kernel()} of one of these; PReLU and Swish have a slope, which is learned.
 */
public enum Activation {
  /** x sigmoid(x). */
  SILU("torch.silu(x)", "silu", "swish", "swiglu"),
  /** x times the normal distribution function, exactly. */
  GELU("torch.gelu(x)", "gelu", "geglu"),
  /** The approximation of GELU by tanh. */
  GELU_TANH("torch.gelu(x, approximate=\"tanh\")", "gelu_pytorch_tanh", "gelu_new"),
  /** The approximation of GELU by the logistic function, arXiv 1606.08415, section 2. */
  GELU_SIGMOID("x * torch.sigmoid(1.702 * x)", "quick_gelu", "gelu_sigmoid"),
  /** x sigmoid(beta x), beta learned, one a layer: Swish (arXiv 1710.05941, section 5). */
  SWISH_BETA("x * torch.sigmoid(slope * x)", "swish_beta"),
  /** The logistic function. */
  SIGMOID("torch.sigmoid(x)", "sigmoid", "glu"),
  /** Hyperbolic tangent. */
  TANH("torch.tanh(x)", "tanh"),
  /** max(x, 0). */
  RELU("torch.relu(x)", "relu", "reglu"),
  /** x, times 0.01 where negative. */
  LEAKY_RELU("torch.leaky_relu(x, 0.01)", "leaky_relu"),
  /** The same with 0.1, as Darknet has it. */
  LEAKY_RELU_TENTH("torch.leaky_relu(x, 0.1)", "leaky_relu_0.1"),
  /** x, times a slope where negative that is learned, one a layer. */
  PRELU("torch.prelu(x, slope)", "prelu"),
  /** exp(x) - 1 where negative. */
  ELU("torch.elu(x)", "elu"),
  /** ELU, scaled to keep mean 0 and variance 1. */
  SELU("torch.selu(x)", "selu"),
  /** x tanh(log(1 + exp(x))). */
  MISH("torch.mish(x)", "mish"),
  /** x itself: as the gate, the bilinear unit. */
  LINEAR("x", "linear", "bilinear"),
  /** 1 where positive, else 0; its gradient is 0, so what computes the gate is never learned. */
  STEP("(x > 0).to(x.dtype)", "step", "threshold");

  /** Functions whose derivative follows from the result. */
  private static final String IN_PLACE = "torch\\.(relu|leaky_relu|elu|selu)\\(";

  private final String formula;
  private final List<String> names;

  Activation(String formula, String... names) {
    this.formula = formula;
    this.names = List.of(names);
  }

  /** A kernel file that defines {@code activate} as this function. */
  public KernelSource kernel() {
    return kernel("activate");
  }

  /** The same under another name, for a network whose parts have activations of their own. */
  public KernelSource kernel(String function) {
    return new KernelSource(
        "activation " + key(),
        """
        def %s(x: Tensor, slope: Optional[Tensor]) -> Tensor:
            %sreturn %s
        """
            .formatted(function, hasSlope() ? "assert slope is not None\n    " : "", formula));
  }

  /**
   * As {@link #kernel()}, but the result may take the place of the argument, which nobody else may
   * read then: memory that is not asked for anew is what a pass over a large map costs most.
   */
  public KernelSource kernelInPlace() {
    return new KernelSource(
        "activation " + key(), kernel().text().replaceFirst(IN_PLACE, "torch.$1_("));
  }

  /**
   * Whether it is the same before and after the largest of several numbers is taken, gradients
   * included: the largest stays the largest, and all that it makes equal have no gradient.
   */
  public boolean keepsOrder() {
    return this == RELU || this == LEAKY_RELU || this == LEAKY_RELU_TENTH || this == LINEAR;
  }

  /** Whether it has a learned number, one a layer: a slope, or the beta of Swish. */
  public boolean hasSlope() {
    return this == PRELU || this == SWISH_BETA;
  }

  /** What that number is before it has learned anything; of no meaning for others. */
  public double firstSlope() {
    return this == PRELU ? 0.25 : 1;
  }

  /**
   * Those of these names, each once; all of them for no name.
   *
   * @throws IllegalArgumentException if there is none of a name
   */
  public static List<Activation> named(List<String> names) {
    if (names.isEmpty()) {
      return List.of(values());
    }
    return names.stream().map(Activation::named).distinct().toList();
  }

  private static Activation named(String name) {
    List<String> known =
        Arrays.stream(values()).flatMap(activation -> activation.names.stream()).toList();
    if (!known.contains(name)) {
      throw new IllegalArgumentException(
          "there is no activation \"%s\"; did you mean %s? Activations are %s"
              .formatted(name, NearestName.to(name, known), String.join(", ", known)));
    }
    return of(name);
  }

  /** All names, the one that is written first. */
  public List<String> names() {
    return names;
  }

  /** The name that is written. */
  @JsonValue
  public String key() {
    return names.getFirst();
  }

  /**
   * The function of a name.
   *
   * @throws IllegalArgumentException if there is none; whoever reads a setting names that
   */
  @JsonCreator
  public static Activation of(String name) {
    return Arrays.stream(values())
        .filter(activation -> activation.names.contains(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "\"%s\" is no activation; it must be one of %s"
                    .formatted(
                        name,
                        Arrays.stream(values())
                            .flatMap(activation -> activation.names.stream())
                            .collect(Collectors.joining(", ")))));
  }
}
