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
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Appends stored pictures with the boxes that stored COCO, Pascal VOC or YOLO files give them. */
final class AnnotatedPictures {

  private AnnotatedPictures() {}

  /**
   * Appends all pictures that can be used, or none if one has no annotation.
   *
   * @param title of the files, for messages
   * @return what the annotation reader repaired or left out, one line each
   */
  static List<String> append(String title, StoredFiles files, Upload upload) throws IOException {
    AnnotationSet set = read(files.set(title));
    requireAnnotated(files.byName().keySet(), set);
    for (AnnotatedPicture picture : set.pictures()) {
      try {
        upload.append(document(picture));
      } catch (MillraceException e) {
        throw Upload.about("file '" + picture.name() + "'", e);
      }
    }
    return set.problems();
  }

  private static void requireAnnotated(Set<String> names, AnnotationSet set) {
    Set<String> known = new HashSet<>(set.leftOut());
    set.pictures().forEach(picture -> known.add(picture.name()));
    for (String name : names) {
      if (!AnnotationFormat.isAnnotation(name) && !name.startsWith("._") && !known.contains(name)) {
        throw new MillraceException(
            ErrorCode.INVALID_ARGUMENT,
            "file '%s' has no annotation; list it without boxes if there is nothing in it%s"
                .formatted(
                    name, set.problems().isEmpty() ? "" : " (" + set.problems().getFirst() + ")"));
      }
    }
  }

  private static AnnotationSet read(SetFiles files) throws IOException {
    try {
      return AnnotationFolder.read(files);
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
