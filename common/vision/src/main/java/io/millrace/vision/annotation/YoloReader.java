package io.millrace.vision.annotation;

import io.millrace.input.PlainNumber;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * YOLO: a text file a picture, in {@code labels} where its picture is in {@code images}, or beside
 * it. A line is a class's number, then centre x, centre y, width and height as shares of the
 * picture, or the corners of a polygon, whose surrounding box is taken. A picture without a file
 * has no objects.
 */
final class YoloReader {

  private static final List<String> PICTURES = List.of(".jpg", ".jpeg", ".png");
  private static final int BOX_VALUES = 4;

  private final SetFiles files;
  private final BoxChecks checks;
  private final YoloNames names;
  private final TreeSet<Integer> used = new TreeSet<>();

  YoloReader(SetFiles files) throws IOException {
    this.files = files;
    this.checks = new BoxChecks(files);
    this.names = YoloNames.of(files, checks);
  }

  /** Whether a set looks like one of YOLO: it names classes, or has a folder of labels. */
  static boolean isYolo(SetFiles files) throws IOException {
    return YoloNames.areIn(files)
        || files.ending(".txt").stream().anyMatch(name -> in(name, "labels"));
  }

  /**
   * Reads all pictures and their boxes.
   *
   * @throws InvalidAnnotationException if no picture can be used
   */
  AnnotationSet read() throws IOException {
    List<AnnotatedPicture> pictures = new ArrayList<>();
    for (String name :
        PICTURES.stream().flatMap(ending -> files.ending(ending).stream()).sorted().toList()) {
      AnnotatedPicture picture = picture(name);
      if (picture != null) {
        pictures.add(picture);
      }
    }
    if (pictures.isEmpty()) {
      throw checks.nothing();
    }
    return checks.set(pictures, names.classes(used));
  }

  private @Nullable AnnotatedPicture picture(String name) throws IOException {
    String labels = labels(name);
    BoxFrame frame = checks.frame(labels == null ? name : labels, name, 0, 0).orElse(null);
    if (frame == null) {
      return null;
    }
    String id = checks.id(name, name.replaceFirst("\\.[^./]+$", ""), name).orElse(null);
    if (id == null) {
      return null;
    }
    List<NamedBox> boxes = labels == null ? List.of() : boxes(labels, frame);
    return new AnnotatedPicture(id, name, files.path(name), split(name), boxes);
  }

  private List<NamedBox> boxes(String labels, BoxFrame frame) throws IOException {
    List<String> lines;
    try {
      lines = Files.readAllLines(files.path(labels));
    } catch (CharacterCodingException e) {
      checks.note(labels, "not UTF-8, its boxes are left out");
      return List.of();
    }
    List<NamedBox> boxes = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        box(labels + ":" + (i + 1), lines.get(i).strip(), frame).ifPresent(boxes::add);
      }
    }
    return boxes;
  }

  private Optional<NamedBox> box(String where, String line, BoxFrame frame) {
    double[] values = Stream.of(line.split("\\s+")).mapToDouble(YoloReader::number).toArray();
    int shares = values.length - 1;
    boolean polygon = shares >= 6 && shares % 2 == 0;
    if (Arrays.stream(values).anyMatch(value -> !Double.isFinite(value))
        || !(shares == BOX_VALUES || polygon)) {
      checks.note(
          where,
          "'%s' is not a class's number and centre x, centre y, width and height as shares, left out"
              .formatted(line.substring(0, Math.min(80, line.length()))));
      return Optional.empty();
    }
    int index = (int) values[0];
    String label = index == values[0] ? names.of(index).orElse(null) : null;
    if (label == null) {
      checks.note(
          where, "class %s is not one of the %s, left out".formatted(values[0], names.known()));
      return Optional.empty();
    }
    double[] xywh = polygon ? around(values) : centred(values);
    used.add(index);
    double[] pixels = {
      xywh[0] * frame.width(),
      xywh[1] * frame.height(),
      xywh[2] * frame.width(),
      xywh[3] * frame.height()
    };
    return checks.check(where, pixels, frame).map(box -> new NamedBox(box, label, false));
  }

  private static double[] centred(double[] values) {
    return new double[] {
      values[1] - values[3] / 2, values[2] - values[4] / 2, values[3], values[4]
    };
  }

  /** The box around x, y, x, y, ... */
  private static double[] around(double[] values) {
    double left = Double.MAX_VALUE;
    double top = Double.MAX_VALUE;
    double right = -Double.MAX_VALUE;
    double bottom = -Double.MAX_VALUE;
    for (int i = 1; i < values.length; i += 2) {
      left = Math.min(left, values[i]);
      right = Math.max(right, values[i]);
      top = Math.min(top, values[i + 1]);
      bottom = Math.max(bottom, values[i + 1]);
    }
    return new double[] {left, top, right - left, bottom - top};
  }

  private static double number(String text) {
    try {
      return PlainNumber.decimal(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** The text file of a picture; null if there is none. */
  private @Nullable String labels(String picture) {
    String text = SetFiles.base(picture).replaceFirst("\\.[^.]+$", "") + ".txt";
    String folder = SetFiles.folder(picture);
    int images = ("/" + folder + "/").lastIndexOf("/images/");
    if (images >= 0) {
      String inLabels =
          folder.substring(0, images) + "labels" + folder.substring(images + "images".length());
      String found = files.in(inLabels, text);
      if (found != null) {
        return found;
      }
    }
    return files.in(folder, text);
  }

  /** The published part: a folder of its name, such as images/train or valid/images. */
  private static String split(String picture) {
    for (String part : SetFiles.folder(picture).split("/", -1)) {
      switch (part.toLowerCase(Locale.ROOT).replaceFirst("\\d{4}$", "")) {
        case "train" -> {
          return "train";
        }
        case "val", "valid", "validation" -> {
          return "val";
        }
        case "test" -> {
          return "test";
        }
        default -> {}
      }
    }
    return "";
  }

  private static boolean in(String name, String folder) {
    return ("/" + SetFiles.folder(name) + "/").contains("/" + folder + "/");
  }
}
