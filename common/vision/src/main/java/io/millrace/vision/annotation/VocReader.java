package io.millrace.vision.annotation;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Pascal VOC: an XML file a picture, pictures in {@code JPEGImages} beside {@code Annotations},
 * parts in {@code ImageSets/Main}. Corners are 1-based and inclusive there; boxes here start at
 * pixel edges.
 */
final class VocReader {

  private static final long MAX_BYTES = 4 << 20;
  private static final List<String> ENDINGS = List.of("", ".jpg", ".jpeg", ".png", ".JPG", ".PNG");
  private static final List<String> SPLITS = List.of("train", "val", "test");

  private final Path root;
  private final BoxChecks checks = new BoxChecks();

  VocReader(Path root) {
    this.root = root;
  }

  AnnotationSet read(List<Path> files) throws IOException {
    Map<String, String> splits = splits(files.getFirst());
    List<AnnotatedPicture> pictures = new ArrayList<>();
    TreeSet<String> classes = new TreeSet<>();
    for (Path file : files) {
      Element annotation = parse(file);
      String id = String.valueOf(file.getFileName()).replaceFirst("\\.xml$", "");
      String name = text(annotation, "filename");
      Path picture = picture(file, name.isEmpty() ? id : name, id);
      if (picture == null) {
        checks.note(
            root.relativize(file).toString(), "its picture '" + name + "' is missing, left out");
        continue;
      }
      List<NamedBox> boxes = boxes(file, annotation);
      boxes.forEach(box -> classes.add(box.label()));
      pictures.add(new AnnotatedPicture(id, picture, splits.getOrDefault(id, ""), boxes));
    }
    return new AnnotationSet(pictures, List.copyOf(classes), checks.problems());
  }

  private List<NamedBox> boxes(Path file, Element annotation) {
    String where = root.relativize(file).toString();
    double width = number(file, annotation, "width", 0);
    double height = number(file, annotation, "height", 0);
    List<NamedBox> boxes = new ArrayList<>();
    NodeList objects = annotation.getElementsByTagName("object");
    for (int i = 0; i < objects.getLength(); i++) {
      Element object = (Element) objects.item(i);
      String label = text(object, "name");
      if (label.isEmpty()) {
        checks.note(where, "object " + (i + 1) + " has no name, left out");
        continue;
      }
      double left = number(file, object, "xmin", Double.NaN) - 1;
      double top = number(file, object, "ymin", Double.NaN) - 1;
      double right = number(file, object, "xmax", Double.NaN);
      double bottom = number(file, object, "ymax", Double.NaN);
      boolean empty = right - left <= 1 || bottom - top <= 1;
      double[] xywh = {
        Math.max(left, 0),
        Math.max(top, 0),
        empty ? 0 : right - Math.max(left, 0),
        bottom - Math.max(top, 0)
      };
      boolean difficult = text(object, "difficult").equals("1");
      checks
          .check(where, xywh, width, height)
          .ifPresent(box -> boxes.add(new NamedBox(box, label, difficult)));
    }
    return boxes;
  }

  private @org.jspecify.annotations.Nullable Path picture(Path annotation, String name, String id) {
    Path folder = annotation.toAbsolutePath().getParent();
    Path above = folder == null ? null : folder.getParent();
    List<Path> places = new ArrayList<>();
    if (folder != null) {
      places.add(folder);
    }
    if (above != null) {
      places.add(above.resolve("JPEGImages"));
      places.add(above.resolve("images"));
    }
    for (Path place : places) {
      for (String candidate : List.of(name, id)) {
        for (String ending : ENDINGS) {
          Path picture = place.resolve(candidate + ending).normalize();
          if (picture.startsWith(place) && Files.isRegularFile(picture)) {
            return picture;
          }
        }
      }
    }
    return null;
  }

  /** The published parts: file name without ending to part. */
  private static Map<String, String> splits(Path annotation) throws IOException {
    Map<String, String> splits = new HashMap<>();
    Path folder = annotation.toAbsolutePath().getParent();
    Path above = folder == null ? null : folder.getParent();
    for (String split : SPLITS) {
      Path list = above == null ? null : above.resolve("ImageSets/Main/" + split + ".txt");
      if (list != null && Files.isRegularFile(list)) {
        for (String line : Files.readAllLines(list)) {
          splits.put(line.strip().split("\\s+", 2)[0], split);
        }
      }
    }
    return splits;
  }

  private static Element parse(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new InvalidAnnotationException(file + " is larger than 4 MiB");
    }
    try (InputStream in = Files.newInputStream(file)) {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      // Security: a DOCTYPE could name files and URLs to read.
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setXIncludeAware(false);
      factory.setExpandEntityReferences(false);
      DocumentBuilder builder = factory.newDocumentBuilder();
      builder.setErrorHandler(null);
      Document document = builder.parse(in);
      Element root = document.getDocumentElement();
      if (!root.getTagName().equals("annotation")) {
        throw new InvalidAnnotationException(
            file + " is not a Pascal VOC file: its root is <" + root.getTagName() + ">");
      }
      return root;
    } catch (SAXException e) {
      throw new InvalidAnnotationException(file + " is not readable XML: " + e.getMessage(), e);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("the JDK's XML parser lacks a feature", e);
    }
  }

  private static String text(Element element, String tag) {
    NodeList found = element.getElementsByTagName(tag);
    return found.getLength() == 0 ? "" : String.valueOf(found.item(0).getTextContent()).strip();
  }

  private static double number(Path file, Element element, String tag, double otherwise) {
    String text = text(element, tag);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new InvalidAnnotationException(
          file + ": <" + tag + "> is '" + text + "', not a number", e);
    }
  }
}
