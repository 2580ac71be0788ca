package io.millrace.vision.annotation;

import io.millrace.input.PlainNumber;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

/** Reads the XML of Pascal VOC; what a file names outside of itself is never read. */
final class VocXml {

  private static final long MAX_BYTES = 4 << 20;
  private static final String ROOT = "annotation";

  private VocXml() {}

  /** Whether a file is VOC's by its root element, or too broken to tell. */
  static boolean isAnnotation(Path file) throws IOException {
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

  /**
   * The root element.
   *
   * @throws SAXException if the file is not XML, has a DOCTYPE or is too large
   */
  static Element parse(Path file) throws IOException, SAXException {
    if (Files.size(file) > MAX_BYTES) {
      throw new SAXException("larger than 4 MiB");
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
    } catch (CharConversionException e) {
      throw new SAXException(e.getMessage(), e);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("the JDK's XML parser lacks a feature", e);
    }
  }

  static List<Element> children(@Nullable Element element, String tag) {
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

  static @Nullable Element child(Element element, String tag) {
    List<Element> children = children(element, tag);
    return children.isEmpty() ? null : children.getFirst();
  }

  /** The text of the first child of a name; empty if there is none. */
  static String text(@Nullable Element element, String tag) {
    List<Element> found = children(element, tag);
    return found.isEmpty() ? "" : String.valueOf(found.getFirst().getTextContent()).strip();
  }

  /** A number; null if the text is none. */
  static @Nullable Double number(String text) {
    try {
      return PlainNumber.decimal(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
