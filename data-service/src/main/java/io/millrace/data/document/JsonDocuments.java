package io.millrace.data.document;

import static io.millrace.data.document.JsonFields.invalid;
import static io.millrace.data.document.JsonFields.requireKnown;
import static io.millrace.data.document.JsonFields.string;

import com.google.protobuf.ByteString;
import io.millrace.contracts.data.v1.Box;
import io.millrace.contracts.data.v1.Cell;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.Image;
import io.millrace.contracts.data.v1.Row;
import io.millrace.input.Base64Text;
import io.millrace.input.JsonMistake;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a document from a JSON object: a text in one of the forms of {@link TextForm}, or {@code
 * {"id"?, "image": base64, "boxes": [{"x", "y", "width", "height", "label", "crowd"?, "area"?}]}},
 * or a row with a number in the field of each column. A dataset with classes has them in {@code
 * label} too, and then pictures need no boxes.
 */
public final class JsonDocuments {
  private static final String LABEL = "label";
  private static final Set<String> IMAGE_FIELDS = Set.of("id", "image", "boxes");
  private static final Set<String> BOX_FIELDS =
      Set.of("x", "y", "width", "height", "label", "crowd", "area");

  /** Deeper than any form; fields beside it may hold more. */
  private static final int MOST_NESTED = 32;

  private final JsonMapper json;

  /**
   * A reader.
   *
   * @param longest string in characters
   */
  public JsonDocuments(int longest) {
    this.json =
        JsonMapper.builder(
                JsonFactory.builder()
                    .streamReadConstraints(
                        StreamReadConstraints.builder()
                            .maxStringLength(longest)
                            .maxNestingDepth(MOST_NESTED)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
  }

  /**
   * The document in a line.
   *
   * @param content of its dataset
   * @throws MillraceException INVALID_ARGUMENT saying what is wrong, without the line's number
   */
  public Document read(byte[] line, ExtraFields extra, Content content) {
    String text =
        switch (TextRules.decode(line)) {
          case TextRules.Text decoded -> decoded.text();
          case TextRules.Fault fault -> throw invalid("", fault.reason());
        };
    JsonNode node = parse(text, "");
    if (!node.isObject()) {
      throw invalid(
          "", "expected an object, found " + node.getNodeType().name().toLowerCase(Locale.ROOT));
    }
    return document((ObjectNode) node, extra, content);
  }

  /** The objects of a stream. */
  public JsonObjects objects(InputStream in) {
    return JsonObjects.of(json, in);
  }

  /**
   * The boxes of a JSON array.
   *
   * @throws MillraceException INVALID_ARGUMENT saying what is wrong
   */
  public List<Box> boxes(String array) {
    return boxes(parse(array, "boxes: "));
  }

  private JsonNode parse(String text, String at) {
    try {
      return json.readTree(text);
    } catch (JacksonException e) {
      throw notJson(e, at);
    }
  }

  static MillraceException notJson(JacksonException e, String at) {
    return invalid("", at + "not JSON: " + JsonMistake.reason(e) + where(e.getLocation()));
  }

  /** A line of documents, of which others know the number, has one line. */
  private static String where(@Nullable TokenStreamLocation place) {
    if (place == null) {
      return "";
    }
    return place.getLineNr() > 1
        ? " (line %d, column %d)".formatted(place.getLineNr(), place.getColumnNr())
        : " (column %d)".formatted(place.getColumnNr());
  }

  /**
   * The document in an object.
   *
   * @param content of its dataset
   * @throws MillraceException INVALID_ARGUMENT saying what is wrong
   */
  public Document document(ObjectNode node, ExtraFields extra, Content content) {
    Document.Builder document = Document.newBuilder().setId(JsonFields.id(node.get("id")));
    boolean labelled = !content.classes().isEmpty();
    if (labelled) {
      document.setLabel(JsonFields.label(node.get(LABEL)));
    }
    if (content instanceof Content.Rows rows) {
      takeExtraFields(node, rowFields(rows, labelled), extra, document);
      return document.setRow(row(node, rows.columns())).build();
    }
    if (node.has("image")) {
      takeExtraFields(node, withLabel(IMAGE_FIELDS, labelled), extra, document);
      boolean mayLackBoxes = !labelled || !document.getLabel().isEmpty();
      return document.setImage(image(node, mayLackBoxes)).build();
    }
    TextForm form =
        TextForm.of(node)
            .orElseThrow(() ->
                invalid(
                    "text",
                    "field 'text' is missing; documents have one of %s, or image"
                        .formatted(TextForm.all())));
    takeExtraFields(node, withLabel(form.fields(), labelled), extra, document);
    form.read(node, document);
    return document.build();
  }

  private static Set<String> withLabel(Set<String> fields, boolean labelled) {
    return labelled
        ? Stream.concat(fields.stream(), Stream.of(LABEL)).collect(Collectors.toSet())
        : fields;
  }

  private static Set<String> rowFields(Content.Rows rows, boolean labelled) {
    return withLabel(
        Stream.concat(Stream.of("id"), rows.columns().stream()).collect(Collectors.toSet()),
        labelled);
  }

  /** Columns that are missing are left for the rules to find. */
  private static Row row(JsonNode node, List<String> columns) {
    Row.Builder row = Row.newBuilder();
    for (String column : columns) {
      JsonNode value = node.get(column);
      if (value != null) {
        if (!value.isNumber()) {
          throw invalid(
              column,
              "column '%s' must be a number, not %s"
                  .formatted(column, value.getNodeType().name().toLowerCase(Locale.ROOT)));
        }
        row.addCells(Cell.newBuilder().setColumn(column).setNumber((float) value.doubleValue()));
      }
    }
    return row.build();
  }

  private void takeExtraFields(
      ObjectNode node, Set<String> known, ExtraFields extra, Document.Builder document) {
    ObjectNode others = json.createObjectNode();
    for (String field : node.propertyNames()) {
      if (!known.contains(field)) {
        others.set(field, node.get(field));
      }
    }
    if (others.isEmpty()) {
      return;
    }
    switch (extra) {
      case REFUSE -> {
        String field = others.propertyNames().iterator().next();
        throw invalid(
            field,
            JsonFields.unknown(field, known)
                + "; extra_fields=keep takes others as metadata, extra_fields=ignore leaves them out");
      }
      case KEEP -> document.setMetadata(json.writeValueAsString(others));
      case IGNORE -> {}
    }
  }

  private static Image image(JsonNode node, boolean mayLackBoxes) {
    Image.Builder image = Image.newBuilder();
    try {
      image.setEncoded(ByteString.copyFrom(Base64Text.decode(string(node, "image", ""))));
    } catch (IllegalArgumentException e) {
      throw invalid("image", "image is not base64: " + e.getMessage());
    }
    if (node.has("boxes")) {
      return image.addAllBoxes(boxes(node.get("boxes"))).build();
    }
    if (!mayLackBoxes) {
      throw invalid(
          "boxes",
          "boxes must be an array where there is no label; an empty one says that there is nothing in the picture");
    }
    return image.build();
  }

  private static List<Box> boxes(@Nullable JsonNode boxes) {
    if (boxes == null || !boxes.isArray()) {
      throw invalid(
          "boxes",
          "boxes must be an array; an empty one says that there is nothing in the picture");
    }
    List<Box> read = new ArrayList<>(boxes.size());
    for (int i = 0; i < boxes.size(); i++) {
      read.add(box(boxes.get(i), "boxes[" + i + "]"));
    }
    return read;
  }

  private static Box box(JsonNode node, String at) {
    if (!node.isObject()) {
      throw invalid(at, at + " must be an object");
    }
    requireKnown(node, BOX_FIELDS, at + ".");
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
}
