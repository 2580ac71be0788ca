package io.millrace.tensor.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.number.ElementType;
import io.millrace.tensor.optimizer.AdamWSettings;
import io.millrace.tensor.optimizer.NonFiniteGradientException;
import io.millrace.tensor.parameter.ParameterStore;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.tensor.train.RegressionLearner.Report;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** With the smallest learner there is; those of the tasks are tested where they are. */
class RegressionTrainerTest {

  private static final TrainerSettings PLAIN =
      new TrainerSettings(new AdamWSettings(0.9, 0.95, 1e-8, 0.1, Double.POSITIVE_INFINITY));

  @TempDir Path directory;

  private final TensorEngine engine = TensorEngine.start("cpu");

  @Test
  void learnsARegularity() {
    try (RegressionLearner learner = RegressionLearner.create(engine, 1, "m");
        Trainer<Examples, Report> trainer = Trainer.begin(engine, learner, withoutDecay())) {
      double first = trainer.step(List.of(Examples.of(0, 64)), 0.05).loss();
      double last = 0;
      for (int step = 1; step < 300; step++) {
        last = trainer.step(List.of(Examples.of(step, 64)), 0.05).loss();
      }
      assertThat(last).isLessThan(1e-4 * first);
      assertThat(learner.weights().get("weight").toFloatArray())
          .containsExactly(new float[] {2, -1, 0.5f}, within(0.02f));
      assertThat(learner.weights().get("bias").toFloatArray()[0]).isCloseTo(1, within(0.02f));
      assertThat(trainer.steps()).isEqualTo(300);
    }
  }

  /** Batches of other sizes, whose gradients and losses are means over all of them. */
  @Test
  void batchesOfAStepAreOneBatch() throws IOException {
    Examples all = Examples.of(5, 21);
    try (Trainer<Examples, Report> one = trainer(PLAIN);
        Trainer<Examples, Report> three = trainer(PLAIN)) {
      for (int step = 0; step < 4; step++) {
        Report whole = one.step(List.of(all), 0.01);
        Report parts = three.step(List.of(all.rows(0, 1), all.rows(1, 15), all.rows(15, 21)), 0.01);
        assertThat(parts.loss()).isCloseTo(whole.loss(), within(1e-5));
        assertThat(parts.gradientNorm()).isCloseTo(whole.gradientNorm(), within(1e-5));
      }
      one.save(directory.resolve("one"));
      three.save(directory.resolve("three"));
    }
    Map<String, double[]> parts = values("three", "model.safetensors");
    values("one", "model.safetensors")
        .forEach((name, whole) ->
            assertThat(parts.get(name)).as(name).containsExactly(whole, within(1e-5)));
    assertThat(parts.get("seen")).containsExactly(4 * 21);
  }

  @ParameterizedTest
  @CsvSource({"0, F32", "0.5, F32", "0.5, BF16"})
  void resumesBitForBit(double emaDecay, ElementType moments) throws IOException {
    TrainerSettings settings =
        new TrainerSettings(AdamWSettings.deepSeek().withMoments(moments), emaDecay);
    try (Trainer<Examples, Report> trainer = trainer(settings)) {
      learn(trainer, 0, 3);
      trainer.save(directory.resolve("middle"));
      learn(trainer, 3, 6);
      trainer.save(directory.resolve("straight"));
    }
    try (Trainer<Examples, Report> trainer = resumed("middle", settings)) {
      assertThat(trainer.steps()).isEqualTo(3);
      learn(trainer, 3, 6);
      trainer.save(directory.resolve("resumed"));
    }
    List<String> files =
        new ArrayList<>(List.of("config.json", "model.safetensors", "optimizer.safetensors"));
    if (emaDecay > 0) {
      files.add("raw.safetensors");
    }
    assertThat(directory.resolve("resumed").toFile().list())
        .containsExactlyInAnyOrderElementsOf(files);
    for (String file : files) {
      assertThat(directory.resolve("resumed").resolve(file))
          .hasSameBinaryContentAs(directory.resolve("straight").resolve(file));
    }
    assertThat(
            Files.mismatch(
                directory.resolve("middle/model.safetensors"),
                directory.resolve("straight/model.safetensors")))
        .isNotNegative();
  }

  /** What is published follows float64 arithmetic, and training goes on with the weights. */
  @Test
  void publishesTheAverageOfTheWeights() throws IOException {
    double decay = 0.3;
    TrainerSettings averaging = new TrainerSettings(PLAIN.optimizer(), decay);
    try (RegressionLearner learner = RegressionLearner.create(engine, 1, "m");
        Trainer<Examples, Report> plain = trainer(PLAIN);
        Trainer<Examples, Report> trainer = Trainer.begin(engine, learner, averaging)) {
      double[] expected = doubles(learner.weights().get("weight"));
      for (int step = 1; step <= 5; step++) {
        List<Examples> batch = List.of(Examples.of(step, 8));
        assertThat(trainer.step(batch, 0.02)).isEqualTo(plain.step(batch, 0.02));
        double kept = Math.min(decay, (1.0 + step) / (10.0 + step));
        double[] now = doubles(learner.weights().get("weight"));
        for (int i = 0; i < expected.length; i++) {
          expected[i] = kept * expected[i] + (1 - kept) * now[i];
        }
      }
      assertThat(doubles(trainer.published().getFirst())).containsExactly(expected, within(1e-6));
      trainer.save(directory.resolve("averaged"));
      plain.save(directory.resolve("plain"));
    }
    assertThat(values("averaged", "model.safetensors").get("seen")).containsExactly(40);
    assertThat(directory.resolve("averaged/raw.safetensors"))
        .hasSameBinaryContentAs(directory.resolve("plain/model.safetensors"));
  }

  @Test
  void publishesTheWeightsWithoutAnAverage() {
    try (RegressionLearner learner = RegressionLearner.create(engine, 1, "m");
        Trainer<Examples, Report> trainer = Trainer.begin(engine, learner, PLAIN)) {
      learn(trainer, 0, 2);
      assertThat(trainer.published()).hasSize(2);
      assertThat(trainer.published().getFirst().toFloatArray())
          .containsExactly(learner.weights().get("weight").toFloatArray());
    }
  }

  /** AdamW's first mean is a tenth of the gradient that it was given. */
  @ParameterizedTest
  @ValueSource(doubles = {0.25, 1000})
  void clipsByTheNormOfAllGradients(double most) throws IOException {
    TrainerSettings settings = new TrainerSettings(new AdamWSettings(0.9, 0.95, 1e-8, 0, most));
    double norm;
    try (Trainer<Examples, Report> trainer = trainer(settings)) {
      norm = trainer.step(List.of(Examples.of(1, 4), Examples.of(2, 4)), 0.01).gradientNorm();
      trainer.save(directory.resolve("clipped"));
    }
    assertThat(norm).isBetween(0.5, 100.0);
    Map<String, double[]> state = values("clipped", "optimizer.safetensors");
    double squares = 0;
    for (String name : List.of("exp_avg.weight", "exp_avg.bias")) {
      for (double value : state.getOrDefault(name, new double[] {Double.NaN})) {
        squares += value * value;
      }
    }
    assertThat(10 * Math.sqrt(squares)).isCloseTo(Math.min(norm, most), within(1e-5));
  }

  /** The broken batch comes second: what the first added must be gone as well. */
  @Test
  void gradientsThatAreNotFiniteChangeNothing() throws IOException {
    TrainerSettings averaging = new TrainerSettings(PLAIN.optimizer(), 0.5);
    Examples good = Examples.of(1, 4);
    Examples broken = new Examples(good.inputs(), new float[] {1, Float.POSITIVE_INFINITY, 1, 1});
    try (Trainer<Examples, Report> trainer = trainer(averaging);
        Trainer<Examples, Report> untroubled = trainer(averaging)) {
      learn(trainer, 0, 2);
      learn(untroubled, 0, 2);
      trainer.save(directory.resolve("before"));
      assertThatThrownBy(() -> trainer.step(List.of(good, broken), 0.01))
          .isInstanceOf(NonFiniteGradientException.class)
          .hasMessageContaining("step 2");
      trainer.save(directory.resolve("after"));
      assertThat(trainer.steps()).isEqualTo(2);
      assertThat(trainer.step(List.of(good), 0.01)).isEqualTo(untroubled.step(List.of(good), 0.01));
    }
    for (String file : List.of("model.safetensors", "raw.safetensors", "optimizer.safetensors")) {
      assertThat(directory.resolve("after").resolve(file))
          .hasSameBinaryContentAs(directory.resolve("before").resolve(file));
    }
  }

  @Test
  void refusesAStepWithoutBatches() {
    try (Trainer<Examples, Report> trainer = trainer(PLAIN)) {
      assertThatThrownBy(() -> trainer.step(List.of(), 0.01)).hasMessageContaining("one batch");
      assertThat(trainer.steps()).isZero();
    }
  }

  @Test
  void refusesToResumeWithOrWithoutAnAverageOtherThanBefore() throws IOException {
    TrainerSettings averaging = new TrainerSettings(PLAIN.optimizer(), 0.5);
    save("plain", PLAIN);
    save("averaged", averaging);
    assertThatThrownBy(() -> resumed("plain", averaging))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has no raw.safetensors: its training kept no average");
    assertThatThrownBy(() -> resumed("averaged", PLAIN))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has a raw.safetensors: its training kept an average");
  }

  @Test
  void refusesSettingsThatTheLearnerDoesNotTake() throws IOException {
    save("metres", PLAIN);
    TrainingFolder folder = new TrainingFolder(directory.resolve("metres"));
    assertThat(folder.settings()).containsEntry("unit", "m");
    RegressionLearner learner = RegressionLearner.load(engine, folder.weights(), "ft");
    assertThatThrownBy(() -> Trainer.resume(engine, folder, learner, PLAIN))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("optimizer.safetensors is not the state of this training")
        .hasMessageContaining("it was in m, not in ft");
    assertThat(learner.isClosed()).isTrue();
  }

  @Test
  void namesTheFileThatDoesNotFit() throws IOException {
    TrainerSettings averaging = new TrainerSettings(PLAIN.optimizer(), 0.5);
    save("mixed", averaging);
    Path state = directory.resolve("mixed/optimizer.safetensors");
    Path model = directory.resolve("mixed/model.safetensors");
    Files.copy(state, model, StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> resumed("mixed", averaging))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(model + ": tensor weight of shape (3) is missing");
    Files.copy(
        directory.resolve("mixed/raw.safetensors"), state, StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> resumed("mixed", averaging))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(state + " is not the state of this training: tensor bias");
    Files.delete(state);
    assertThatThrownBy(() -> resumed("mixed", averaging))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(state.toString());
  }

  /** That file may be good, and be read another time. */
  @Test
  void tellsAFaultOfTheFileSystemFromAFileThatDoesNotFit() throws IOException {
    Path unreadable = Path.of("/sys/bus/platform/drivers_probe");
    assumeTrue(Files.isRegularFile(unreadable), "no file that nobody may read");
    save("unreadable", PLAIN);
    Path state = directory.resolve("unreadable/optimizer.safetensors");
    Files.delete(state);
    Files.createSymbolicLink(state, unreadable);

    assertThatThrownBy(() -> resumed("unreadable", PLAIN))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining(state.toString());
    assertThatThrownBy(() -> ParameterStore.read(engine, List.of(), state))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining(state.toString());
  }

  @Test
  void refusesADecayThatIsNone() {
    for (double decay : new double[] {-0.1, 1, Double.NaN}) {
      assertThatThrownBy(() -> new TrainerSettings(AdamWSettings.deepSeek(), decay))
          .hasMessage("an average of the weights cannot decay by " + decay);
    }
  }

  private static TrainerSettings withoutDecay() {
    return new TrainerSettings(new AdamWSettings(0.9, 0.95, 1e-8, 0, 1000));
  }

  private Trainer<Examples, Report> trainer(TrainerSettings settings) {
    return Trainer.begin(engine, RegressionLearner.create(engine, 1, "m"), settings);
  }

  private Trainer<Examples, Report> resumed(String name, TrainerSettings settings)
      throws IOException {
    TrainingFolder folder = new TrainingFolder(directory.resolve(name));
    Path weights = folder.rawWeights(settings.averages());
    return Trainer.resume(engine, folder, RegressionLearner.load(engine, weights, "m"), settings);
  }

  private void save(String name, TrainerSettings settings) throws IOException {
    try (Trainer<Examples, Report> trainer = trainer(settings)) {
      learn(trainer, 0, 1);
      trainer.save(directory.resolve(name));
    }
  }

  private static void learn(Trainer<Examples, Report> trainer, int from, int to) {
    for (int step = from; step < to; step++) {
      trainer.step(List.of(Examples.of(2 * step, 5), Examples.of(2 * step + 1, 3)), 0.01);
    }
  }

  private Map<String, double[]> values(String name, String file) {
    Map<String, double[]> values = new TreeMap<>();
    try (NDManager manager = engine.newManager();
        SafetensorsFile tensors = SafetensorsFile.open(directory.resolve(name).resolve(file))) {
      for (String tensor : tensors.tensors().keySet()) {
        if (!tensor.equals("step")) {
          values.put(tensor, doubles(tensors.load(manager, tensor)));
        }
      }
    }
    return values;
  }

  private static double[] doubles(NDArray array) {
    float[] floats = array.toFloatArray();
    double[] doubles = new double[floats.length];
    for (int i = 0; i < floats.length; i++) {
      doubles[i] = floats[i];
    }
    return doubles;
  }
}
