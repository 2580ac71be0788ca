package io.millrace.vision.annotation;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/**
 * Pascal VOC: an XML file a picture, pictures in {@code JPEGImages} beside {@code Annotations},
 * parts in {@code ImageSets/Main}. Corners are 1-based and inclusive there; boxes here start at
 * pixel edges.
 */
final class VocReader {

  private static final List<String> ENDINGS =
      List.of("", ".jpg", ".jpeg", ".png", ".JPG", ".JPEG", ".PNG");
  private static final List<String> CORNERS = List.of("xmin", "ymin", "xmax", "ymax");
  private static final List<String> SPLITS = List.of("train", "val", "test");

  private final SetFiles files;
  private final BoxChecks checks;
  private final Map<String, Map<String, String>> splits = new HashMap<>();

  VocReader(SetFiles files) {
    this.files = files;
    this.checks = new BoxChecks(files);
  }

  /** Those XML files that are Pascal VOC's by their root element, or too broken to tell. */
  static List<String> annotations(SetFiles files) throws IOException {
    List<String> annotations = new ArrayList<>();
    for (String name : files.ending(".xml")) {
      if (VocXml.isAnnotation(files.path(name))) {
        annotations.add(name);
      }
    }
    return annotations;
  }

  /**
   * Reads all of them.
   *
   * @param ignored JSON files beside them
   * @throws InvalidAnnotationException if no picture of them can be used
   */
  AnnotationSet read(List<String> names, int ignored) throws IOException {
    List<AnnotatedPicture> pictures = new ArrayList<>();
    TreeSet<String> classes = new TreeSet<>();
    for (String name : names) {
      AnnotatedPicture picture = picture(name);
      if (picture != null) {
        pictures.add(picture);
        picture.boxes().forEach(box -> classes.add(box.label()));
      }
    }
    if (ignored > 0) {
      checks.note(files.title(), ignored + " JSON files ignored, as there are Pascal VOC files");
    }
    if (pictures.isEmpty()) {
      throw checks.nothing();
    }
    return checks.set(pictures, List.copyOf(classes));
  }

  private @Nullable AnnotatedPicture picture(String name) throws IOException {
    Element annotation = parse(name);
    if (annotation == null) {
      return null;
    }
    String id = SetFiles.base(name).replaceFirst("(?i)\\.xml$", "");
    String wanted = VocXml.text(annotation, "filename");
    String file = find(name, wanted.isEmpty() ? id : wanted, id);
    if (file == null) {
      checks.note(name, "its picture '" + wanted + "' is missing, left out");
      return null;
    }
    Element size = VocXml.child(annotation, "size");
    BoxFrame frame =
        checks
            .frame(name, file, size(name, size, "width"), size(name, size, "height"))
            .orElse(null);
    if (frame == null) {
      return null;
    }
    String unique = checks.id(name, id, file).orElse(null);
    if (unique == null) {
      return null;
    }
    String split = splits(name).getOrDefault(id, "");
    return new AnnotatedPicture(
        unique, file, files.path(file), split, boxes(name, annotation, frame));
  }

  private List<NamedBox> boxes(String name, Element annotation, BoxFrame frame) {
    List<NamedBox> boxes = new ArrayList<>();
    int objects = 0;
    for (Element object : VocXml.children(annotation, "object")) {
      objects++;
      String label = VocXml.text(object, "name");
      if (label.isEmpty() || label.chars().anyMatch(Character::isISOControl)) {
        checks.note(
            name,
            "object "
                + objects
                + (label.isEmpty() ? " has no name" : " has control characters in its name")
                + ", left out");
        continue;
      }
      double[] corners = corners(name, objects, VocXml.child(object, "bndbox"));
      if (corners == null) {
        continue;
      }
      double left = corners[0] - 1;
      double top = corners[1] - 1;
      double right = corners[2];
      double bottom = corners[3];
      // Equal corners would be one pixel, but are clicks without a drag wherever they were seen.
      double[] xywh = {
        left, top, right - left <= 1 ? 0 : right - left, bottom - top <= 1 ? 0 : bottom - top
      };
      boolean difficult = difficult(name, objects, VocXml.text(object, "difficult"));
      checks
          .check(name, xywh, frame)
          .ifPresent(seen -> boxes.add(new NamedBox(seen, label, difficult)));
    }
    return boxes;
  }

  /**
   * Left, top, right and bottom; null, with a note, if one is missing or no number.
   *
   * @param box not any corners inside of the object: its parts have boxes too
   */
  private double @Nullable [] corners(String name, int object, @Nullable Element box) {
    double[] corners = new double[CORNERS.size()];
    for (int i = 0; i < corners.length; i++) {
      String text = VocXml.text(box, CORNERS.get(i));
      Double value = VocXml.number(text);
      if (value == null) {
        checks.note(
            name,
            "object %d has <%s> '%s', not a number, left out"
                .formatted(object, CORNERS.get(i), text));
        return null;
      }
      corners[i] = value;
    }
    return corners;
  }

  private boolean difficult(String name, int object, String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "1", "true" -> true;
      case "", "0", "false" -> false;
      default -> {
        checks.note(name, "object %d has <difficult> '%s', taken as 0".formatted(object, text));
        yield false;
      }
    };
  }

  /** A side in pixels; 0 if there is none, with a note if it is no number. */
  private double size(String name, @Nullable Element size, String tag) {
    String text = VocXml.text(size, tag);
    Double value = text.isEmpty() ? Double.valueOf(0) : VocXml.number(text);
    if (value == null || !Double.isFinite(value)) {
      checks.note(name, "<%s> is '%s', not a number, ignored".formatted(tag, text));
      return 0;
    }
    return value;
  }

  /** The picture beside its annotation or in the usual folders, or else the only one so named. */
  private @Nullable String find(String annotation, String wanted, String id) {
    String folder = SetFiles.folder(annotation);
    String above = SetFiles.folder(folder);
    String prefix = above.isEmpty() ? "" : above + "/";
    List<String> bases = List.of(wanted, id, SetFiles.base(wanted.replace('\\', '/')));
    for (String place : List.of(folder, prefix + "JPEGImages", prefix + "images")) {
      for (String candidate : bases) {
        for (String ending : ENDINGS) {
          String found = files.in(place, candidate + ending);
          if (found != null && !found.equals(annotation)) {
            return found;
          }
        }
      }
    }
    List<String> anywhere = files.endingWith(bases.getLast());
    return anywhere.size() == 1 ? anywhere.getFirst() : null;
  }

  /** The published parts beside an annotation: file name without ending to part. */
  private Map<String, String> splits(String annotation) throws IOException {
    String above = SetFiles.folder(SetFiles.folder(annotation));
    Map<String, String> known = splits.get(above);
    if (known != null) {
      return known;
    }
    Map<String, String> found = new HashMap<>();
    for (String split : SPLITS) {
      String list = files.in(above, "ImageSets/Main/" + split + ".txt");
      if (list != null) {
        try {
          for (String line : Files.readAllLines(files.path(list))) {
            found.put(line.strip().split("\\s+", 2)[0], split);
          }
        } catch (CharacterCodingException e) {
          checks.note(list, "not UTF-8, ignored");
        }
      }
    }
    splits.put(above, found);
    return found;
  }

  private @Nullable Element parse(String name) throws IOException {
    try {
      return VocXml.parse(files.path(name));
    } catch (SAXException e) {
      checks.note(name, "not readable XML (" + e.getMessage() + "), left out");
      return null;
    }
  }
}
