package io.millrace.vision.detector;

import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A detector as a folder that others can read: {@code config.json}, {@code model.safetensors} in
 * float32 and {@code classes.txt}, a line a class in the order of their index.
 */
public final class DetectorExport {

  /** The names of the classes. */
  public static final String CLASSES = "classes.txt";

  private DetectorExport() {}

  /**
   * Checks a model folder and writes it.
   *
   * @param target new or empty
   * @return learned values
   * @throws IOException if the folder is not that of a detector, the target has something in it, or
   *     a class's name has a line break
   */
  public static long write(TensorEngine engine, Path folder, Path target) throws IOException {
    try (DetectorNetwork network = DetectorNetwork.load(engine, folder)) {
      List<String> classes = network.config().classes();
      for (String name : classes) {
        if (name.lines().count() != 1) {
          throw new IOException("the class '%s' cannot be a line of %s".formatted(name, CLASSES));
        }
      }
      requireEmpty(target);
      network.save(target);
      Files.write(target.resolve(CLASSES), classes);
      return network.weights().count();
    }
  }

  private static void requireEmpty(Path target) throws IOException {
    if (!Files.exists(target)) {
      return;
    }
    if (!Files.isDirectory(target)) {
      throw new FileAlreadyExistsException(target.toString(), null, "it is no folder");
    }
    try (Stream<Path> inside = Files.list(target)) {
      if (inside.findAny().isPresent()) {
        throw new FileAlreadyExistsException(target.toString(), null, "it is not empty");
      }
    }
  }
}
