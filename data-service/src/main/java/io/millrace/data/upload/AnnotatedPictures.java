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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;
import org.springframework.web.multipart.MultipartFile;

/** Appends uploaded pictures with the boxes that uploaded COCO or Pascal VOC files give them. */
final class AnnotatedPictures {
  /** Largest annotation file; it is read into memory whole, and takes several times its size. */
  private static final DataSize LARGEST_ANNOTATION = DataSize.ofMegabytes(64);

  /** Security: a name becomes a file in a temporary directory, so it must not lead out of it. */
  private static final Pattern NAME = Pattern.compile("[\\p{Alnum}_][\\p{Alnum}_. ()+-]{0,200}");

  private AnnotatedPictures() {}

  /**
   * Appends all pictures, or none if their annotations do not fit.
   *
   * @param largest picture
   * @return what the annotation reader repaired or left out, one line each
   */
  static List<String> append(List<MultipartFile> files, DataSize largest, Upload upload)
      throws IOException {
    Path directory = Files.createTempDirectory("millrace-upload").toAbsolutePath().normalize();
    try {
      Path root = Files.createDirectory(directory.resolve("files"));
      Set<Path> pictures = store(files, largest, root);
      AnnotationSet set = read(root);
      Set<Path> annotated =
          set.pictures().stream().map(AnnotatedPicture::file).collect(Collectors.toSet());
      for (Path picture : pictures) {
        if (!annotated.contains(picture)) {
          throw new MillraceException(
              ErrorCode.INVALID_ARGUMENT,
              "file '%s' has no annotation; list it without boxes if there is nothing in it"
                  .formatted(picture.getFileName()));
        }
      }
      for (AnnotatedPicture picture : set.pictures()) {
        try {
          upload.append(document(picture));
        } catch (MillraceException e) {
          throw Upload.about("file '" + picture.file().getFileName() + "'", e);
        }
      }
      return set.problems();
    } finally {
      FileSystemUtils.deleteRecursively(directory);
    }
  }

  /** Writes all files to the directory; those of them that are no annotations. */
  private static Set<Path> store(List<MultipartFile> files, DataSize largest, Path root)
      throws IOException {
    Set<Path> pictures = new HashSet<>();
    Set<String> endings = new HashSet<>();
    for (MultipartFile file : files) {
      String name = String.valueOf(file.getOriginalFilename());
      Path target = root.resolve(NAME.matcher(name).matches() ? name : "refused");
      if (target.endsWith("refused") || Files.exists(target)) {
        throw new MillraceException(
            ErrorCode.INVALID_ARGUMENT,
            "file '%s': its name comes twice or is none for a picture (letters, digits and _.-+ ())"
                .formatted(name));
      }
      String lower = name.toLowerCase(Locale.ROOT);
      boolean annotation = lower.endsWith(".json") || lower.endsWith(".xml");
      // Before any of it is read.
      checkSize(file, annotation ? LARGEST_ANNOTATION : largest);
      file.transferTo(target);
      if (annotation) {
        endings.add(lower.substring(lower.lastIndexOf('.')));
      } else {
        pictures.add(target);
      }
    }
    if (endings.size() != 1) {
      throw new MillraceException(
          ErrorCode.INVALID_ARGUMENT,
          "pictures need annotations, either one COCO .json file or a Pascal VOC .xml file each");
    }
    return pictures;
  }

  private static void checkSize(MultipartFile file, DataSize limit) {
    if (file.getSize() > limit.toBytes()) {
      throw new MillraceException(
          ErrorCode.PAYLOAD_TOO_LARGE,
          "file '%s' has %d bytes, the limit is %d"
              .formatted(file.getOriginalFilename(), file.getSize(), limit.toBytes()));
    }
  }

  private static AnnotationSet read(Path root) throws IOException {
    try {
      return AnnotationFolder.read(root);
    } catch (InvalidAnnotationException e) {
      throw new MillraceException(
          ErrorCode.INVALID_ARGUMENT,
          String.valueOf(e.getMessage()).replace(root + "/", "").replace(root.toString(), "form"),
          e);
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
    return Document.newBuilder()
        .setId(String.valueOf(picture.file().getFileName()))
        .setImage(image)
        .build();
  }
}
