package io.millrace.data.upload;

import com.google.protobuf.ByteString;
import io.millrace.contracts.data.v1.Box;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.Image;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.vision.annotation.AnnotatedPicture;
import io.millrace.vision.annotation.AnnotationFolder;
import io.millrace.vision.annotation.AnnotationSet;
import io.millrace.vision.annotation.InvalidAnnotationException;
import io.millrace.vision.annotation.NamedBox;
import io.millrace.vision.annotation.SetFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;
import org.springframework.web.multipart.MultipartFile;

/** Appends uploaded pictures with the boxes that uploaded COCO or Pascal VOC files give them. */
final class AnnotatedPictures {
  /** Largest annotation file; it is read into memory whole, and takes several times its size. */
  private static final DataSize LARGEST_ANNOTATION = DataSize.ofMegabytes(64);

  /** Letters of any script, digits and signs, without a folder; {@code ._} begins macOS' extras. */
  private static final Pattern NAME =
      Pattern.compile(
          "(\\._)?[\\p{L}\\p{N}_][\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Zs}&&[^/\\\\]]{0,200}");

  private AnnotatedPictures() {}

  /**
   * Appends all pictures that can be used, or none if one has no annotation.
   *
   * @param largest picture
   * @return what the annotation reader repaired or left out, one line each
   */
  static List<String> append(List<MultipartFile> files, DataSize largest, Upload upload)
      throws IOException {
    Path directory = Files.createTempDirectory("millrace-upload").toAbsolutePath().normalize();
    try {
      Map<String, Path> stored = store(files, largest, directory);
      AnnotationSet set = read(stored);
      requireAnnotated(stored.keySet(), set);
      for (AnnotatedPicture picture : set.pictures()) {
        try {
          upload.append(document(picture));
        } catch (MillraceException e) {
          throw Upload.about("file '" + picture.name() + "'", e);
        }
      }
      return set.problems();
    } finally {
      FileSystemUtils.deleteRecursively(directory);
    }
  }

  private static void requireAnnotated(Set<String> names, AnnotationSet set) {
    Set<String> known = new HashSet<>(set.leftOut());
    set.pictures().forEach(picture -> known.add(picture.name()));
    for (String name : names) {
      if (!isAnnotation(name) && !name.startsWith("._") && !known.contains(name)) {
        throw new MillraceException(
            ErrorCode.INVALID_ARGUMENT,
            "file '%s' has no annotation; list it without boxes if there is nothing in it%s"
                .formatted(
                    name, set.problems().isEmpty() ? "" : " (" + set.problems().getFirst() + ")"));
      }
    }
  }

  /**
   * Writes all files to the directory, under numbers: a name that a client chose may be none that
   * the file system takes.
   */
  private static Map<String, Path> store(
      List<MultipartFile> files, DataSize largest, Path directory) throws IOException {
    Map<String, Path> stored = new LinkedHashMap<>();
    Set<String> endings = new HashSet<>();
    for (MultipartFile file : files) {
      String name =
          Normalizer.normalize(String.valueOf(file.getOriginalFilename()), Normalizer.Form.NFC);
      if (!NAME.matcher(name).matches() || stored.containsKey(name)) {
        throw new MillraceException(
            ErrorCode.INVALID_ARGUMENT,
            "file '%s': its name comes twice or is none for a picture (letters of any script, digits and signs, no folders)"
                .formatted(name));
      }
      // Before any of it is read.
      checkSize(file, isAnnotation(name) ? LARGEST_ANNOTATION : largest);
      Path target = directory.resolve(Integer.toString(stored.size()));
      file.transferTo(target);
      stored.put(name, target);
      if (isAnnotation(name) && !name.startsWith("._")) {
        endings.add(name.substring(name.lastIndexOf('.')).toLowerCase(Locale.ROOT));
      }
    }
    if (endings.size() != 1) {
      throw new MillraceException(
          ErrorCode.INVALID_ARGUMENT,
          "pictures need annotations, either one COCO .json file or a Pascal VOC .xml file each");
    }
    return stored;
  }

  private static boolean isAnnotation(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".json") || lower.endsWith(".xml");
  }

  private static void checkSize(MultipartFile file, DataSize limit) {
    if (file.getSize() > limit.toBytes()) {
      throw new MillraceException(
          ErrorCode.PAYLOAD_TOO_LARGE,
          "file '%s' has %d bytes, the limit is %d"
              .formatted(file.getOriginalFilename(), file.getSize(), limit.toBytes()));
    }
  }

  private static AnnotationSet read(Map<String, Path> files) throws IOException {
    try {
      return AnnotationFolder.read(SetFiles.of("form", files));
    } catch (InvalidAnnotationException e) {
      throw new MillraceException(ErrorCode.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
  }

  private static Document document(AnnotatedPicture picture) throws IOException {
    Image.Builder image =
        Image.newBuilder().setEncoded(ByteString.copyFrom(Files.readAllBytes(picture.file())));
    for (NamedBox named : picture.boxes()) {
      Box.Builder box =
          Box.newBuilder()
              .setX((float) named.box().x())
              .setY((float) named.box().y())
              .setWidth((float) named.box().width())
              .setHeight((float) named.box().height())
              .setLabel(named.label())
              .setCrowd(named.crowd());
      if (named.area() != named.box().area()) {
        box.setArea((float) named.area());
      }
      image.addBoxes(box);
    }
    return Document.newBuilder().setId(picture.name()).setImage(image).build();
  }
}
