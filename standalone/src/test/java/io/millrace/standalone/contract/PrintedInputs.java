package io.millrace.standalone.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What documents take for granted: files of the reader's own, a folder of pictures among them, and
 * the detector {@code cells}.
 */
final class PrintedInputs {
  private static final int TEXTS = 400;
  private static final int PICTURES = 24;

  private PrintedInputs() {}

  /** Writes the files to the directory that commands are run in. */
  static void write(Path directory, LearnedModels models) throws IOException {
    Files.writeString(
        directory.resolve("books.jsonl"),
        LearnedModels.lines(
            LearnedModels.someTexts(TEXTS).stream()
                .map(text -> Map.<String, Object>of("text", text))
                .toList()));
    Files.write(directory.resolve("cells.png"), new Scene(9).png());
    models.detection();
    pictures(Files.createDirectories(directory.resolve("pictures")));
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
