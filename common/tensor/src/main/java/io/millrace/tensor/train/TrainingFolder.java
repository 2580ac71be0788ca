package io.millrace.tensor.train;

import io.millrace.tensor.optimizer.AdamW;
import io.millrace.tensor.parameter.FlatTensors;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.tensor.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A training on disk, the same for every task:
 *
 * <ul>
 *   <li>{@code config.json}: the model's shape, as the task writes it;
 *   <li>{@code model.safetensors}: the weights that are evaluated and served, which are the moving
 *       average where one is kept;
 *   <li>{@code raw.safetensors}: only beside an average, the weights that training resumes with;
 *   <li>{@code optimizer.safetensors}: the optimizer's state and, as the file's metadata, the
 *       settings of the learner.
 * </ul>
 *
 * <p>Whoever serves the model reads the first two alone.
 *
 * @param directory that holds them
 */
public record TrainingFolder(Path directory) {

  /** Name of the file with the weights that are served. */
  public static final String WEIGHTS = "model.safetensors";

  private static final String RAW = "raw.safetensors";
  private static final String OPTIMIZER = "optimizer.safetensors";

  /** Something to be done with an open file. */
  @FunctionalInterface
  interface Reading {

    void of(SafetensorsFile tensors) throws IOException;
  }

  /**
   * The file of the weights that training resumes with.
   *
   * @param averaged whether the resumed training keeps an average of the weights
   * @throws IOException if the one that was saved did otherwise
   */
  public Path rawWeights(boolean averaged) throws IOException {
    if (Files.exists(directory.resolve(RAW)) != averaged) {
      throw new IOException(
          averaged
              ? directory + " has no " + RAW + ": its training kept no average of the weights"
              : "%s has a %s: its training kept an average of the weights, go on with one"
                  .formatted(directory, RAW));
    }
    return directory.resolve(averaged ? RAW : WEIGHTS);
  }

  /** The file of the weights that are evaluated and served. */
  public Path weights() {
    return directory.resolve(WEIGHTS);
  }

  /** The file of the optimizer's state and the learner's settings. */
  public Path state() {
    return directory.resolve(OPTIMIZER);
  }

  /**
   * The learner's settings that were saved; keys that an earlier release did not write are missing.
   *
   * @throws IOException if there is no state of a training, or it cannot be read
   */
  public Map<String, String> settings() throws IOException {
    Map<String, String> settings = new HashMap<>();
    read(state(), state -> settings.putAll(state.metadata()));
    return settings;
  }

  /**
   * Writes all of a training.
   *
   * @param averages of the learned weights; null: none are kept
   */
  void save(Learner<?, ?> learner, AdamW optimizer, @Nullable FlatTensors averages)
      throws IOException {
    Files.createDirectories(directory);
    learner.saveConfig(directory);
    if (averages == null) {
      learner.writeWeights(weights(), Map.of());
    } else {
      learner.writeWeights(directory.resolve(RAW), Map.of());
      learner.writeWeights(weights(), averages.asMap());
    }
    SafetensorsWriter.write(state(), optimizer.state(), learner.settings());
  }

  /**
   * Reads the optimizer's state.
   *
   * @throws IOException if the file is missing, does not fit, or the learner cannot resume from its
   *     settings; the optimizer is unchanged unless the file breaks while it is read
   */
  void loadState(Learner<?, ?> learner, AdamW optimizer) throws IOException {
    Path file = state();
    read(
        file,
        state -> {
          try {
            learner.requireResumable(state.metadata());
            optimizer.restore(state);
          } catch (IllegalArgumentException e) {
            throw new IOException(
                "%s is not the state of this training: %s".formatted(file, e.getMessage()), e);
          }
        });
  }

  /**
   * Opens a file of tensors.
   *
   * @throws IOException if it is missing, broken, or what is done with it finds it unfit; the
   *     message names the file
   */
  static void read(Path file, Reading reading) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString());
    }
    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      reading.of(tensors);
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw new IOException(message.contains(file.toString()) ? message : file + ": " + message, e);
    } catch (UncheckedIOException e) {
      throw SafetensorsFile.checked(e);
    }
  }
}
