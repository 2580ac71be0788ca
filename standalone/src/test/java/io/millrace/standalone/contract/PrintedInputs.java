package io.millrace.standalone.contract;

import io.millrace.standalone.model.ExportCommand;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * What documents take for granted: files of the reader's own, a folder of pictures among them, and
 * the detector {@code cells}.
 */
final class PrintedInputs {
  private static final int TEXTS = 400;
  private static final int PICTURES = 24;
  private static final int ROWS = 60;

  private PrintedInputs() {}

  /** Writes the files to the directory that commands are run in. */
  static void write(Path directory, LearnedModels models) throws IOException {
    Files.writeString(
        directory.resolve("books.jsonl"),
        LearnedModels.lines(
            LearnedModels.someTexts(TEXTS).stream()
                .map(text -> Map.<String, Object>of("text", text))
                .toList()));
    Files.writeString(directory.resolve("iris.csv"), table());
    Files.write(directory.resolve("cells.png"), new Scene(9).png());
    models.detection();
    deepSeek(directory.resolve("deepseek"), directory.resolve(".millrace"), models.language());
    pictures(Files.createDirectories(directory.resolve("pictures")));
  }

  /** Flowers of two kinds that their petals tell apart. */
  private static String table() {
    return IntStream.range(0, ROWS)
        .mapToObj(i -> (i % 2 == 0 ? "1.%d,0.2,setosa\n" : "5.%d,1.8,virginica\n").formatted(i))
        .collect(Collectors.joining("", "petal_length,petal_width,label\n", ""));
  }

  /** A language model as others keep it. */
  private static void deepSeek(Path folder, Path home, String model) throws IOException {
    try (Stream<Path> files =
        Files.walk(home.resolve("objects/models").resolve(model), FileVisitOption.FOLLOW_LINKS)) {
      Path checkpoint =
          files
              .filter(file -> file.endsWith("manifest.json"))
              .map(Path::getParent)
              .max(Comparator.comparing(Path::toString))
              .orElseThrow();
      int status =
          new CommandLine(new ExportCommand()).execute(checkpoint.toString(), folder.toString());
      if (status != 0) {
        throw new IllegalStateException("cannot export " + checkpoint);
      }
    }
  }

  /** Scenes and what is in them, as a COCO file. */
  private static void pictures(Path folder) throws IOException {
    List<String> images = new ArrayList<>();
    List<String> boxes = new ArrayList<>();
    for (int i = 0; i < PICTURES; i++) {
      Scene scene = new Scene(100 + i);
      String name = i == 0 ? "a.png" : scene.file();
      Files.write(folder.resolve(name), scene.png());
      images.add(
          "{\"id\": %d, \"file_name\": \"%s\", \"width\": %d, \"height\": %d}"
              .formatted(i, name, Scene.SIDE, Scene.SIDE));
      boxes.add(
          "{\"id\": %d, \"image_id\": %d, \"category_id\": 1, \"bbox\": [%d, %d, %d, %d]}"
              .formatted(i, i, scene.x(), scene.y(), scene.size(), scene.size()));
    }
    Files.writeString(
        folder.resolve("labels.json"),
        "{\"images\": %s, \"annotations\": %s, \"categories\": [{\"id\": 1, \"name\": \"%s\"}]}"
            .formatted(images, boxes, Scene.LABEL));
  }
}
