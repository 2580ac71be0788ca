package io.millrace.tensor.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.number.ElementType;
import io.millrace.tensor.number.NumberFormats;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.parameter.Initializer;
import io.millrace.tensor.parameter.ParameterGroup;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.tensor.parameter.ParameterStore;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.tensor.safetensors.SafetensorsWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdamWTest {

  private static final List<ParameterSpec> SPECS =
      List.of(
          new ParameterSpec("norm", new Shape(3), new Initializer.Ones(), ParameterGroup.NO_DECAY),
          new ParameterSpec(
              "matrix", new Shape(5, 7), new Initializer.Normal(0.5), ParameterGroup.DECAY),
          new ParameterSpec(
              "seen", new Shape(2), new Initializer.Constant(4), ParameterGroup.BUFFER),
          new ParameterSpec(
              "second", new Shape(2, 2), new Initializer.Normal(0.5), ParameterGroup.DECAY));

  private final TensorEngine engine = TensorEngine.start("cpu");
  @TempDir Path directory;

  private NDManager manager;

  @BeforeEach
  void open() {
    manager = engine.newManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  /** Limits of the norm: one that always clips, one that never does. */
  @ParameterizedTest
  @ValueSource(doubles = {0.7, Double.POSITIVE_INFINITY})
  void followsAFloat64ReferenceOverManySteps(double maxNorm) {
    AdamWSettings settings = new AdamWSettings(0.9, 0.95, 1e-8, 0.1, maxNorm);
    try (ParameterStore store = ParameterStore.create(engine, SPECS, 1);
        AdamW optimizer = new AdamW(engine, store, settings)) {
      ReferenceAdamW reference = new ReferenceAdamW(settings, store);
      for (int step = 0; step < 25; step++) {
        double rate = 0.01 + 0.001 * step;
        List<float[]> gradients = gradients(step);
        double norm = step(optimizer, store, arrays(gradients), rate);
        assertThat(norm).isCloseTo(reference.step(gradients, rate), within(1e-5));
      }
      for (int i = 0; i < reference.weights.size(); i++) {
        float[] actual = store.learnedTensors().get(i).toFloatArray();
        for (int j = 0; j < actual.length; j++) {
          assertThat((double) actual[j]).isCloseTo(reference.weights.get(i)[j], within(2e-6));
        }
      }
      assertThat(store.get("seen").toFloatArray()).containsExactly(4, 4);
    }
  }

  /**
   * The moments of float64 arithmetic, rounded to bfloat16 after every step, as many as three
   * pieces of a kernel's copy hold. A moment between two numbers of bfloat16 may go to the one or
   * the other; few do.
   */
  @Test
  void roundsMomentsInBfloat16AfterEveryStep() {
    int count = (1 << 21) + 77;
    List<ParameterSpec> large =
        List.of(
            new ParameterSpec(
                "w", new Shape(count), new Initializer.Normal(0.5), ParameterGroup.DECAY));
    AdamWSettings settings =
        new AdamWSettings(0.9, 0.95, 1e-8, 0.1, 0.7).withMoments(ElementType.BF16);
    try (ParameterStore store = ParameterStore.create(engine, large, 1);
        ParameterStore whole = ParameterStore.create(engine, large, 1);
        AdamW inFloat32 = new AdamW(engine, whole, settings.withMoments(ElementType.F32));
        AdamW optimizer = new AdamW(engine, store, settings)) {
      ReferenceAdamW reference = new ReferenceAdamW(settings, store);
      for (int step = 0; step < 4; step++) {
        float[] gradient = new float[count];
        Random random = new Random(step);
        for (int i = 0; i < count; i++) {
          gradient[i] = random.nextFloat() - 0.4f;
        }
        step(optimizer, store, new NDList(manager.create(gradient)), 0.01);
        step(inFloat32, whole, new NDList(manager.create(gradient)), 0.01);
        reference.step(List.of(gradient), 0.01);
      }
      Map<String, NDArray> state = optimizer.state();
      assertMostlyEqual(state.get("exp_avg.w"), reference.means.get(0));
      assertMostlyEqual(state.get("exp_avg_sq.w"), reference.squares.get(0));
      float[] weights = store.get("w").toFloatArray();
      float[] others = whole.get("w").toFloatArray();
      double error = 0;
      double roundings = 0;
      for (int i = 0; i < count; i++) {
        error = Math.max(error, Math.abs(weights[i] - reference.weights.get(0)[i]));
        roundings = Math.max(roundings, Math.abs(weights[i] - others[i]));
      }
      // One moment that went to the other side weighs less than 1 % of a step's 0.01.
      assertThat(error).isLessThan(3e-4);
      assertThat(roundings).as("what rounding does at all").isGreaterThan(1e-5);
    }
  }

  private void assertMostlyEqual(@Nullable NDArray moments, double[] expected) {
    NDArray stored = Objects.requireNonNull(moments);
    assertThat(NumberFormats.typeOf(stored)).isEqualTo(ElementType.BF16);
    float[] actual = NumberFormats.cast(manager, stored, ElementType.F32).toFloatArray();
    // A moment near zero may be the difference of an earlier one's rounding.
    double unit = Arrays.stream(expected).map(Math::abs).max().orElseThrow() / 256;
    int other = 0;
    for (int i = 0; i < actual.length; i++) {
      if (actual[i] != expected[i]) {
        assertThat((double) actual[i]).isCloseTo(expected[i], within(unit));
        other++;
      }
    }
    assertThat(other).as("rounded to the other side").isLessThan(actual.length / 1000);
  }

  /**
   * A thread that never entered the engine compiles kernels with libtorch's own optimisations,
   * which take a call that only writes for dead code, and what was compiled first stays.
   */
  @Test
  void updatesWeightsOnAThreadThatNeverEnteredTheEngine() throws Exception {
    try (Kernels fresh = Kernels.compile(engine, KernelSource.of(AdamW.class, "adamw.py"))) {
      NDArray weight = manager.ones(new Shape(8));
      FutureTask<Void> steps =
          new FutureTask<>(() -> {
            for (int step = 1; step <= 5; step++) {
              float before = weight.getFloat(0);
              step(fresh, weight, step);
              assertThat(weight.getFloat(0)).as("step %d", step).isLessThan(before);
            }
            return null;
          });
      Thread.ofPlatform().start(steps);
      steps.get();
      float before = weight.getFloat(0);
      step(fresh, weight, 6);
      assertThat(weight.getFloat(0)).isLessThan(before);
    }
  }

  private void step(Kernels kernels, NDArray weight, int step) {
    NDList gradient = new NDList(manager.ones(new Shape(8)));
    NDList mean = new NDList(manager.zeros(new Shape(8)));
    NDList square = new NDList(manager.zeros(new Shape(8)));
    double[] decay = {0};
    kernels.run(
        manager,
        "adamw_step",
        new NDList(weight),
        gradient,
        mean,
        square,
        decay,
        step,
        0.1,
        0.9,
        0.95,
        1e-8,
        1.0);
  }

  /** A plain float32 sum of so many squares is wrong in the third digit. */
  @Test
  void theNormOfMillionsOfValuesIsExactAndTheSameOnAnyThreads() {
    int count = 5_000_003;
    List<ParameterSpec> large =
        List.of(
            new ParameterSpec(
                "w", new Shape(count), new Initializer.Zeros(), ParameterGroup.DECAY));
    NDArray gradient = manager.zeros(new Shape(count)).add(0.01f);
    List<Double> norms = new ArrayList<>();
    for (int threads = 1; threads <= 3; threads++) {
      TensorEngine.enterThread(threads);
      try (ParameterStore store = ParameterStore.create(engine, large, 1);
          AdamW optimizer = new AdamW(engine, store, AdamWSettings.deepSeek())) {
        norms.add(step(optimizer, store, new NDList(gradient), 0.01));
      }
    }
    assertThat(norms).allMatch(norm -> norm.equals(norms.getFirst()));
    assertThat(norms.getFirst()).isCloseTo(0.01f * Math.sqrt(count), withinPercentage(1e-4));
  }

  /** {@code torch.grad} returns the gradient of {@code x @ w.t()} as a transposed view. */
  @Test
  void takesGradientsInAnyMemoryOrder() {
    try (ParameterStore plain = ParameterStore.create(engine, SPECS, 1);
        ParameterStore turned = ParameterStore.create(engine, SPECS, 1);
        AdamW ofPlain = new AdamW(engine, plain, AdamWSettings.deepSeek());
        AdamW ofTurned = new AdamW(engine, turned, AdamWSettings.deepSeek())) {
      NDList gradients = arrays(gradients(0));
      NDList views = arrays(gradients(0));
      float[] columns = gradients.get(1).transpose().toFloatArray();
      views.set(1, manager.create(columns, new Shape(7, 5)).transpose());
      step(ofPlain, plain, gradients, 0.01);
      step(ofTurned, turned, views, 0.01);
      assertThat(turned.get("matrix").toFloatArray()).isEqualTo(plain.get("matrix").toFloatArray());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void goesOnFromItsStateBitForBit(ElementType moments) {
    AdamWSettings settings = AdamWSettings.deepSeek().withMoments(moments);
    try (ParameterStore through = ParameterStore.create(engine, SPECS, 1);
        ParameterStore resumed = ParameterStore.create(engine, SPECS, 2);
        AdamW first = new AdamW(engine, through, settings);
        AdamW second = new AdamW(engine, resumed, settings)) {
      for (int step = 0; step < 3; step++) {
        step(first, through, arrays(gradients(step)), 0.01);
      }
      resumed.load(through.asMap());
      restore(second, first.state());
      assertThat(second.steps()).isEqualTo(3);
      for (int step = 3; step < 6; step++) {
        step(first, through, arrays(gradients(step)), 0.01);
        step(second, resumed, arrays(gradients(step)), 0.01);
      }
      through
          .asMap()
          .forEach((name, weight) ->
              assertThat(resumed.get(name).toFloatArray()).isEqualTo(weight.toFloatArray()));
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void refusesGradientsThatAreNotFiniteBeforeAnyWeightChanges(float bad) {
    try (ParameterStore store = ParameterStore.create(engine, SPECS, 1);
        AdamW optimizer = new AdamW(engine, store, AdamWSettings.deepSeek())) {
      float[] before = store.get("matrix").toFloatArray();
      List<float[]> gradients = gradients(0);
      gradients.get(0)[1] = bad;
      assertThatThrownBy(() -> step(optimizer, store, arrays(gradients), 0.01))
          .isInstanceOf(NonFiniteGradientException.class)
          .hasMessageContaining("step 0");
      assertThat(store.get("matrix").toFloatArray()).isEqualTo(before);
      assertThat(optimizer.steps()).isZero();
      assertThat(
              optimizer
                  .state()
                  .getOrDefault("exp_avg.matrix", manager.ones(new Shape(1)))
                  .sum()
                  .getFloat())
          .isZero();
    }
  }

  @Test
  void refusesGradientsOfOtherParameters() {
    List<ParameterSpec> others = List.of(SPECS.getFirst());
    try (ParameterStore store = ParameterStore.create(engine, SPECS, 1);
        ParameterStore other = ParameterStore.create(engine, others, 1);
        FlatTensors gradients = other.newLearnedZeros();
        AdamW optimizer = new AdamW(engine, store, AdamWSettings.deepSeek())) {
      assertThatThrownBy(() -> optimizer.step(gradients, 0.01))
          .hasMessageContaining("not laid out for these parameters");
      assertThat(optimizer.steps()).isZero();
    }
  }

  @Test
  void refusesAStateThatIsNotWholeAndKeepsItsOwn() {
    try (ParameterStore store = ParameterStore.create(engine, SPECS, 1);
        AdamW optimizer = new AdamW(engine, store, AdamWSettings.deepSeek())) {
      step(optimizer, store, arrays(gradients(0)), 0.01);
      Map<String, NDArray> state = optimizer.state();
      state.replaceAll((name, tensor) -> tensor.mul(0));
      state.remove("exp_avg_sq.norm");
      assertThatThrownBy(() -> restore(optimizer, state))
          .hasMessage("tensor exp_avg_sq.norm of shape (3) is missing");
      state.put("exp_avg_sq.norm", manager.zeros(new Shape(4)));
      assertThatThrownBy(() -> restore(optimizer, state))
          .hasMessageContaining("exp_avg_sq.norm has shape (4), expected (3)");
      state.put("exp_avg_sq.norm", manager.zeros(new Shape(3)));
      state.put("other", manager.zeros(new Shape(3)));
      assertThatThrownBy(() -> restore(optimizer, state)).hasMessageContaining("other");
      state.remove("other");
      state.remove("step");
      assertThatThrownBy(() -> restore(optimizer, state))
          .hasMessageContaining("int64 tensor 'step'");
      state.put("step", manager.create(new long[] {-1}));
      assertThatThrownBy(() -> restore(optimizer, state)).hasMessageContaining("is of step -1");
      assertThat(optimizer.steps()).isEqualTo(1);
      NDArray mean = optimizer.state().getOrDefault("exp_avg.matrix", manager.zeros(new Shape(1)));
      assertThat(mean.abs().sum().getFloat()).isPositive();
    }
  }

  @Test
  void refusesMomentsOfAnotherType() {
    AdamWSettings settings = AdamWSettings.deepSeek();
    try (ParameterStore store = ParameterStore.create(engine, SPECS, 1);
        AdamW plain = new AdamW(engine, store, settings);
        AdamW rounding = new AdamW(engine, store, settings.withMoments(ElementType.BF16))) {
      assertThatThrownBy(() -> restore(rounding, plain.state()))
          .hasMessageContaining("is F32, but these settings store moments in BF16");
      assertThatThrownBy(() -> restore(plain, rounding.state()))
          .hasMessageContaining("is BF16, but these settings store moments in F32");
    }
    assertThatThrownBy(() -> settings.withMoments(ElementType.F16))
        .hasMessage("moments are stored in F32 or BF16, not in F16");
  }

  private void restore(AdamW optimizer, Map<String, NDArray> state) {
    Path file = directory.resolve("optimizer.safetensors");
    SafetensorsWriter.write(file, state, Map.of());
    try (SafetensorsFile saved = SafetensorsFile.open(file)) {
      optimizer.restore(saved);
    }
  }

  private static List<float[]> gradients(int step) {
    Random random = new Random(step);
    List<float[]> gradients = new ArrayList<>();
    for (ParameterSpec spec : SPECS) {
      if (spec.group().learned()) {
        float[] values = new float[(int) spec.count()];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) random.nextGaussian();
        }
        gradients.add(values);
      }
    }
    return gradients;
  }

  /** A step by gradients in the order of the learned parameters. */
  private static double step(
      AdamW optimizer, ParameterStore store, NDList gradients, double learningRate) {
    Map<String, NDArray> byName = new LinkedHashMap<>();
    for (int i = 0; i < gradients.size(); i++) {
      byName.put(store.learnedSpecs().get(i).name(), gradients.get(i));
    }
    try (FlatTensors flat = store.newLearnedZeros()) {
      flat.copyFrom(byName);
      return optimizer.step(flat, learningRate);
    }
  }

  private NDList arrays(List<float[]> gradients) {
    NDList arrays = new NDList();
    int i = 0;
    for (ParameterSpec spec : SPECS) {
      if (spec.group().learned()) {
        arrays.add(manager.create(gradients.get(i++), spec.shape()));
      }
    }
    return arrays;
  }

  /** The algorithm as the paper writes it, in double precision. */
  private static final class ReferenceAdamW {

    private final AdamWSettings settings;
    private final List<double[]> weights = new ArrayList<>();
    private final List<double[]> means = new ArrayList<>();
    private final List<double[]> squares = new ArrayList<>();
    private final List<Boolean> decays = new ArrayList<>();
    private int steps;

    ReferenceAdamW(AdamWSettings settings, ParameterStore store) {
      this.settings = settings;
      for (ParameterSpec spec : store.learnedSpecs()) {
        float[] start = store.get(spec.name()).toFloatArray();
        double[] weight = new double[start.length];
        for (int i = 0; i < start.length; i++) {
          weight[i] = start[i];
        }
        weights.add(weight);
        means.add(new double[start.length]);
        squares.add(new double[start.length]);
        decays.add(spec.group() == ParameterGroup.DECAY);
      }
    }

    double step(List<float[]> gradients, double rate) {
      steps++;
      double sum = 0;
      for (float[] gradient : gradients) {
        for (float g : gradient) {
          sum += (double) g * g;
        }
      }
      double norm = Math.sqrt(sum);
      double scale = Math.min(1, settings.maxGradientNorm() / norm);
      for (int p = 0; p < weights.size(); p++) {
        double[] weight = weights.get(p);
        double[] mean = means.get(p);
        double[] square = squares.get(p);
        for (int i = 0; i < weight.length; i++) {
          double g = gradients.get(p)[i] * scale;
          if (decays.get(p)) {
            weight[i] -= rate * settings.weightDecay() * weight[i];
          }
          double newMean = settings.beta1() * mean[i] + (1 - settings.beta1()) * g;
          double newSquare = settings.beta2() * square[i] + (1 - settings.beta2()) * g * g;
          mean[i] = stored(newMean);
          square[i] = stored(newSquare);
          double unbiasedMean = newMean / (1 - Math.pow(settings.beta1(), steps));
          double unbiasedSquare = newSquare / (1 - Math.pow(settings.beta2(), steps));
          weight[i] -= rate * unbiasedMean / (Math.sqrt(unbiasedSquare) + settings.epsilon());
        }
      }
      return norm;
    }

    /**
     * A moment of normal size in bfloat16, which has 8 bits of precision: nearest, ties to even.
     */
    private double stored(double moment) {
      if (settings.moments() == ElementType.F32 || moment == 0) {
        return moment;
      }
      double unit = Math.scalb(1.0, Math.getExponent(moment) - 7);
      return Math.rint(moment / unit) * unit;
    }
  }
}
