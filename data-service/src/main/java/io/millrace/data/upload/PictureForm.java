package io.millrace.data.upload;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.util.unit.DataSize;
import org.springframework.web.multipart.MultipartFile;

/**
 * Appends the pictures of a form with the boxes that its COCO, Pascal VOC or YOLO files give them.
 */
final class PictureForm {

  /** Letters of any script, digits and signs, without a folder; {@code ._} begins macOS' extras. */
  private static final Pattern NAME =
      Pattern.compile(
          "(\\._)?[\\p{L}\\p{N}_][\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Zs}&&[^/\\\\]]{0,200}");

  private PictureForm() {}

  /**
   * Appends all pictures that can be used, or none if one has no annotation.
   *
   * @param largest picture
   * @return what the annotation reader repaired or left out, one line each
   */
  static List<String> append(List<MultipartFile> form, DataSize largest, Upload upload)
      throws IOException {
    Set<AnnotationFormat> formats = EnumSet.noneOf(AnnotationFormat.class);
    try (StoredFiles files = StoredFiles.create(largest)) {
      for (MultipartFile file : form) {
        String name = StoredFiles.nameOf(String.valueOf(file.getOriginalFilename()));
        if (!NAME.matcher(name).matches() || files.byName().containsKey(name)) {
          throw invalid(
              "file '%s': its name comes twice or is none for a picture (letters of any script, digits and signs, no folders)"
                  .formatted(name));
        }
        files.add(name, file);
        if (!name.startsWith("._")) {
          AnnotationFormat.of(name).ifPresent(formats::add);
        }
      }
      if (formats.size() != 1) {
        throw invalid(
            "pictures need annotations, either one COCO .json file or a Pascal VOC .xml or YOLO .txt file each");
      }
      return AnnotatedPictures.append("form", files, upload);
    }
  }

  private static MillraceException invalid(String message) {
    return new MillraceException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
