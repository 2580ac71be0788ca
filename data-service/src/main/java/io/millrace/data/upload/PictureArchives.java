package io.millrace.data.upload;

import io.millrace.contracts.data.v1.Document;
import io.millrace.data.DataProperties;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Appends the pictures of zip archives, with the boxes that COCO or Pascal VOC files in them give.
 * Without such files nothing is in the pictures, and the answer says that they were taken so.
 */
@Component
class PictureArchives {
  private static final Set<String> PICTURES = Set.of("png", "jpg", "jpeg");

  private final DataProperties settings;
  private final PictureDocuments pictures;

  PictureArchives(DataProperties settings, PictureDocuments pictures) {
    this.settings = settings;
    this.pictures = pictures;
  }

  /**
   * Appends all pictures that can be used, or none if there are annotations but not of one of them.
   *
   * @return what was repaired, left out or taken for granted, one line each
   */
  List<String> append(InputStream in, Upload upload) throws IOException {
    try (StoredFiles files = StoredFiles.create(settings.document())) {
      Archive archive =
          new Archive((name, content) -> keep(name, content, files), settings.unpacked());
      List<String> problems = new ArrayList<>(archive.append(in));
      boolean annotated = files.byName().keySet().stream().anyMatch(StoredFiles::isAnnotation);
      problems.addAll(
          annotated
              ? AnnotatedPictures.append("the archive", files, upload)
              : background(files.byName(), upload));
      return problems;
    }
  }

  private static List<String> keep(String given, InputStream content, StoredFiles files)
      throws IOException {
    String name = StoredFiles.nameOf(given);
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    if (!StoredFiles.isAnnotation(name) && !PICTURES.contains(ending)) {
      return List.of(
          "%s is left out: no picture (.png, .jpg, .jpeg) and no annotation (.json, .xml)"
              .formatted(name));
    }
    files.add(name, content);
    return List.of();
  }

  private List<String> background(Map<String, Path> files, Upload upload) throws IOException {
    List<String> problems = new ArrayList<>();
    int taken = 0;
    for (Map.Entry<String, Path> file : files.entrySet()) {
      try (InputStream in = Files.newInputStream(file.getValue())) {
        Document document = pictures.read(in, file.getKey(), /* boxes= */ null);
        upload.append(document);
        taken++;
      } catch (MillraceException e) {
        if (e.code() != ErrorCode.INVALID_ARGUMENT) {
          throw Upload.about("file '" + file.getKey() + "'", e);
        }
        problems.add("%s is left out: %s".formatted(file.getKey(), e.getMessage()));
      }
    }
    if (taken == 0) {
      throw new MillraceException(
          ErrorCode.INVALID_ARGUMENT,
          "the archive holds no picture that can be used"
              + (problems.isEmpty() ? "" : ": " + problems.getFirst()));
    }
    problems.add(
        "the archive holds no annotations (.json, .xml): nothing is in its %d pictures"
            .formatted(taken));
    return problems;
  }
}
