package io.millrace.data.upload;

import io.millrace.contracts.data.v1.Document;
import io.millrace.data.DataProperties;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.vision.annotation.AnnotationFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * Appends the pictures of zip archives, with the boxes that COCO, Pascal VOC or YOLO files in them
 * give, or the classes that their folders are. Without either nothing is in the pictures, and the
 * answer says that they were taken so.
 */
@Component
class PictureArchives {
  private static final String TITLE = "the archive";
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
      boolean annotated = AnnotationFolder.isAnnotated(files.set(TITLE));
      problems.addAll(texts(files, annotated));
      problems.addAll(
          annotated
              ? AnnotatedPictures.append(TITLE, files, upload)
              : plain(files.byName(), upload));
      return problems;
    }
  }

  private static List<String> keep(String given, InputStream content, StoredFiles files)
      throws IOException {
    String name = StoredFiles.nameOf(given);
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    if (!AnnotationFormat.isAnnotation(name) && !PICTURES.contains(ending)) {
      return List.of("%s is left out: no picture and no annotation".formatted(name));
    }
    files.add(name, content);
    return List.of();
  }

  /** What may be YOLO's but is not read, because another format is, or none is there. */
  private static List<String> texts(StoredFiles files, boolean annotated) {
    Map<Boolean, List<String>> names =
        files.byName().keySet().stream()
            .filter(AnnotationFormat::isAnnotation)
            .collect(
                Collectors.partitioningBy(
                    name -> AnnotationFormat.of(name).equals(Optional.of(AnnotationFormat.YOLO))));
    List<String> texts = names.getOrDefault(true, List.of());
    boolean others = !names.getOrDefault(false, List.of()).isEmpty();
    if (texts.isEmpty() || (annotated && !others)) {
      return List.of();
    }
    int more = texts.size() - 1;
    return List.of(
        "%s%s left out: no annotation"
            .formatted(texts.getFirst(), more == 0 ? " is" : " and %d more are".formatted(more)));
  }

  private List<String> plain(Map<String, Path> files, Upload upload) throws IOException {
    List<String> problems = new ArrayList<>();
    int taken = 0;
    Map<String, Path> found = new LinkedHashMap<>(files);
    found.keySet().removeIf(AnnotationFormat::isAnnotation);
    Map<String, String> labels = FolderLabels.ofPictures(found.keySet(), upload.content());
    for (Map.Entry<String, Path> file : found.entrySet()) {
      try (InputStream in = Files.newInputStream(file.getValue())) {
        Document document = pictures.read(in, file.getKey(), /* boxes= */ null);
        String label = labels.getOrDefault(file.getKey(), "");
        upload.append(document.toBuilder().setLabel(label).build());
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
    if (labels.isEmpty() && !upload.content().classes().isEmpty()) {
      problems.add(
          "the archive holds no annotations of COCO, Pascal VOC or YOLO: nothing is in its %d pictures"
              .formatted(taken));
    }
    return problems;
  }
}
