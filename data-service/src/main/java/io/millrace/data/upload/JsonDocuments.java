package io.millrace.data.upload;

import com.google.protobuf.ByteString;
import io.millrace.contracts.data.v1.Box;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.Image;
import io.millrace.data.document.TextRules;
import io.millrace.platform.error.MillraceException;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a document from a JSON object: {@code {"id"?, "text"}} or {@code {"id"?, "image": base64,
 * "boxes": [{"x", "y", "width", "height", "label", "crowd"?, "area"?}]}}. A field that it does not
 * know is refused.
 */
final class JsonDocuments {
  private static final Set<String> TEXT_FIELDS = Set.of("id", "text");
  private static final Set<String> IMAGE_FIELDS = Set.of("id", "image", "boxes");
  private static final Set<String> BOX_FIELDS =
      Set.of("x", "y", "width", "height", "label", "crowd", "area");

  private final JsonMapper json;

  /**
   * A reader.
   *
   * @param longest string in characters
   */
  JsonDocuments(int longest) {
    this.json =
        JsonMapper.builder(
                JsonFactory.builder()
                    .streamReadConstraints(
                        StreamReadConstraints.builder()
                            .maxStringLength(longest)
                            .maxNestingDepth(8)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
  }

  /**
   * The document in a line.
   *
   * @throws MillraceException INVALID_ARGUMENT saying what is wrong, without the line's number
   */
  Document read(byte[] line) {
    String text =
        switch (TextRules.decode(line)) {
          case TextRules.Text decoded -> decoded.text();
          case TextRules.Fault fault -> throw invalid("", fault.reason());
        };
    JsonNode node;
    try {
      node = json.readTree(text);
    } catch (JacksonException e) {
      String where =
          e.getLocation() == null ? "" : " (column " + e.getLocation().getColumnNr() + ")";
      throw invalid("", "not JSON: " + e.getOriginalMessage() + where);
    }
    if (!node.isObject()) {
      throw invalid(
          "", "expected an object, found " + node.getNodeType().name().toLowerCase(Locale.ROOT));
    }
    boolean image = node.has("image");
    known(node, image ? IMAGE_FIELDS : TEXT_FIELDS, "");
    Document.Builder document = Document.newBuilder().setId(id(node.get("id")));
    return image
        ? document.setImage(image(node)).build()
        : document.setText(string(node, "text", "")).build();
  }

  private static String id(@Nullable JsonNode id) {
    if (id == null || id.isNull()) {
      return "";
    }
    if (id.isIntegralNumber()) {
      return id.asString();
    }
    if (!id.isString()) {
      throw invalid("id", "id must be a string or a whole number");
    }
    return id.stringValue();
  }

  private static Image image(JsonNode node) {
    Image.Builder image = Image.newBuilder();
    try {
      image.setEncoded(ByteString.copyFrom(Base64.getDecoder().decode(string(node, "image", ""))));
    } catch (IllegalArgumentException e) {
      throw invalid("image", "image is not base64: " + e.getMessage());
    }
    JsonNode boxes = node.get("boxes");
    if (boxes == null || !boxes.isArray()) {
      throw invalid(
          "boxes",
          "boxes must be an array; an empty one says that there is nothing in the picture");
    }
    for (int i = 0; i < boxes.size(); i++) {
      image.addBoxes(box(boxes.get(i), "boxes[" + i + "]"));
    }
    return image.build();
  }

  private static Box box(JsonNode node, String at) {
    if (!node.isObject()) {
      throw invalid(at, at + " must be an object");
    }
    known(node, BOX_FIELDS, at + ".");
    JsonNode crowd = node.get("crowd");
    if (crowd != null && !crowd.isBoolean()) {
      throw invalid(at + ".crowd", at + ".crowd must be true or false");
    }
    Box.Builder box = Box.newBuilder();
    if (node.has("area")) {
      box.setArea(number(node, "area", at));
    }
    return box.setX(number(node, "x", at))
        .setY(number(node, "y", at))
        .setWidth(number(node, "width", at))
        .setHeight(number(node, "height", at))
        .setLabel(string(node, "label", at + "."))
        .setCrowd(crowd != null && crowd.booleanValue())
        .build();
  }

  private static float number(JsonNode node, String field, String at) {
    JsonNode value = node.get(field);
    if (value == null || !value.isNumber() || !Float.isFinite((float) value.doubleValue())) {
      throw invalid(at + "." + field, at + "." + field + " must be a number of pixels");
    }
    return (float) value.doubleValue();
  }

  private static String string(JsonNode node, String field, String at) {
    JsonNode value = node.get(field);
    if (value == null) {
      throw invalid(at + field, "field '" + at + field + "' is missing");
    }
    if (!value.isString()) {
      throw invalid(at + field, at + field + " must be a string");
    }
    return value.stringValue();
  }

  private static void known(JsonNode node, Set<String> fields, String at) {
    for (String field : node.propertyNames()) {
      if (!fields.contains(field)) {
        throw invalid(
            at + field,
            "unknown field '%s%s'; known are %s"
                .formatted(at, field, String.join(", ", fields.stream().sorted().toList())));
      }
    }
  }

  private static MillraceException invalid(String field, String message) {
    return MillraceException.invalid(field, message);
  }
}
