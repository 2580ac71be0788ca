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
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/**
 * Pascal VOC: an XML file a picture, pictures in {@code JPEGImages} beside {@code Annotations},
 * parts in {@code ImageSets/Main}. Corners are 1-based and inclusive there; boxes here start at
 * pixel edges.
 */
final class VocReader {

  private static final long MAX_BYTES = 4 << 20;
  private static final String ROOT = "annotation";
  private static final List<String> ENDINGS =
      List.of("", ".jpg", ".jpeg", ".png", ".JPG", ".JPEG", ".PNG");
  private static final List<String> SPLITS = List.of("train", "val", "test");

  private final Path root;
  private final BoxChecks checks = new BoxChecks();
  private final Map<Path, Map<String, String>> splits = new HashMap<>();

  /**
   * A reader.
   *
   * @param root absolute and normalised
   */
  VocReader(Path root) {
    this.root = root;
  }

  /** Those XML files that are Pascal VOC's by their root element, or too broken to tell. */
  static List<Path> annotations(List<Path> xml) throws IOException {
    List<Path> annotations = new ArrayList<>();
    for (Path file : xml) {
      if (isAnnotation(file)) {
        annotations.add(file);
      }
    }
    return annotations;
  }

  private static boolean isAnnotation(Path file) throws IOException {
    XMLInputFactory factory = XMLInputFactory.newFactory();
    // Security: a DOCTYPE could name files and URLs to read.
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    try (InputStream in = Files.newInputStream(file)) {
      XMLStreamReader reader = factory.createXMLStreamReader(in);
      while (!reader.isStartElement()) {
        reader.next();
      }
      return reader.getLocalName().equals(ROOT);
    } catch (XMLStreamException e) {
      return true;
    }
  }

  AnnotationSet read(List<Path> files) throws IOException {
    List<AnnotatedPicture> pictures = new ArrayList<>();
    TreeSet<String> classes = new TreeSet<>();
    for (Path file : files) {
      Element annotation = parse(file);
      String where = root.relativize(file).toString();
      String id = String.valueOf(file.getFileName()).replaceFirst("(?i)\\.xml$", "");
      String name = text(annotation, "filename");
      Path picture = picture(file, name.isEmpty() ? id : name, id);
      if (picture == null) {
        checks.note(where, "its picture '" + name + "' is missing, left out");
        continue;
      }
      String unique = checks.id(where, id, root, picture).orElse("");
      if (unique.isEmpty()) {
        continue;
      }
      List<NamedBox> boxes = boxes(file, annotation);
      boxes.forEach(box -> classes.add(box.label()));
      String split = splits(file).getOrDefault(id, "");
      pictures.add(new AnnotatedPicture(unique, picture, split, boxes));
    }
    return new AnnotationSet(pictures, List.copyOf(classes), checks.problems());
  }

  private List<NamedBox> boxes(Path file, Element annotation) {
    String where = root.relativize(file).toString();
    Element size = child(annotation, "size");
    double width = number(file, size, "width", 0);
    double height = number(file, size, "height", 0);
    List<NamedBox> boxes = new ArrayList<>();
    int objects = 0;
    for (Element object : children(annotation, "object")) {
      objects++;
      String label = text(object, "name");
      if (label.isEmpty()) {
        checks.note(where, "object " + objects + " has no name, left out");
        continue;
      }
      // Not any corners inside of the object: its parts have boxes too.
      Element box = child(object, "bndbox");
      double left = number(file, box, "xmin", Double.NaN) - 1;
      double top = number(file, box, "ymin", Double.NaN) - 1;
      double right = number(file, box, "xmax", Double.NaN);
      double bottom = number(file, box, "ymax", Double.NaN);
      // Equal corners would be one pixel, but are clicks without a drag wherever they were seen.
      double[] xywh = {
        left, top, right - left <= 1 ? 0 : right - left, bottom - top <= 1 ? 0 : bottom - top
      };
      boolean difficult = text(object, "difficult").equals("1");
      checks
          .check(where, xywh, width, height)
          .ifPresent(inside -> boxes.add(new NamedBox(inside, label, difficult)));
    }
    return boxes;
  }

  private static @Nullable Path picture(Path annotation, String name, String id) {
    Path folder = annotation.getParent();
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
          // Security: a file name must not lead out of the folder.
          if (picture.startsWith(place) && Files.isRegularFile(picture)) {
            return picture;
          }
        }
      }
    }
    return null;
  }

  /** The published parts beside an annotation: file name without ending to part. */
  private Map<String, String> splits(Path annotation) throws IOException {
    Path folder = annotation.getParent();
    Path above = folder == null ? null : folder.getParent();
    if (above == null) {
      return Map.of();
    }
    Map<String, String> known = splits.get(above);
    if (known != null) {
      return known;
    }
    Map<String, String> found = new HashMap<>();
    for (String split : SPLITS) {
      Path list = above.resolve("ImageSets/Main/" + split + ".txt");
      if (Files.isRegularFile(list)) {
        for (String line : Files.readAllLines(list)) {
          found.put(line.strip().split("\\s+", 2)[0], split);
        }
      }
    }
    splits.put(above, found);
    return found;
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
      return builder.parse(in).getDocumentElement();
    } catch (SAXException e) {
      throw new InvalidAnnotationException(file + " is not readable XML: " + e.getMessage(), e);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("the JDK's XML parser lacks a feature", e);
    }
  }

  private static List<Element> children(@Nullable Element element, String tag) {
    List<Element> children = new ArrayList<>();
    for (Node child = element == null ? null : element.getFirstChild();
        child != null;
        child = child.getNextSibling()) {
      if (child instanceof Element found && found.getTagName().equals(tag)) {
        children.add(found);
      }
    }
    return children;
  }

  private static @Nullable Element child(Element element, String tag) {
    List<Element> children = children(element, tag);
    return children.isEmpty() ? null : children.getFirst();
  }

  private static String text(@Nullable Element element, String tag) {
    List<Element> found = children(element, tag);
    return found.isEmpty() ? "" : String.valueOf(found.getFirst().getTextContent()).strip();
  }

  private static double number(Path file, @Nullable Element element, String tag, double otherwise) {
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
