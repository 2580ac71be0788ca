package io.millrace.input;

import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;

/**
 * Which field of JSON is wrong, where, what is there and what should be.
 *
 * @param path of the field, such as {@code head.width}; empty for the whole
 * @param message for whoever wrote it
 */
public record JsonMistake(String path, String message) {

  /** What Jackson tells programmers, who could let it read more than JSON. */
  private static final Pattern READER_SETTINGS =
      Pattern.compile(
          ": enable `[^`]*` to allow"
              + "| \\(not recognized as one since Feature '\\w+' not enabled for parser\\)"
              + "|, from `[^`]*`"
              + "| \\(start marker at \\[[^\\]]*\\]\\)");

  private static final int MOST_QUOTED = 40;
  private static final Pattern TWICE = Pattern.compile("Duplicate Object property \"(.*)\"");

  /**
   * The mistake behind a failure.
   *
   * @param whole what the JSON is called where no field is to blame, such as "the body"
   */
  public static JsonMistake of(JacksonException cause, String whole) {
    String path = path(cause);
    String subject = path.isEmpty() ? whole : "field '" + path + "'";
    String where = where(cause);
    return switch (cause) {
      case UnrecognizedPropertyException unknown ->
          new JsonMistake(path, "unknown field '" + path + "'" + where + known(unknown));
      case InvalidTypeIdException kind -> kind(kind, path);
      case InvalidFormatException format ->
          new JsonMistake(
              path, subject + " is not " + JsonTypes.name(format.getTargetType()) + where);
      case MismatchedInputException mismatch ->
          new JsonMistake(path, subject + found(mismatch) + where + text(mismatch));
      case ValueInstantiationException refused -> new JsonMistake(path, refused(refused, path));
      case StreamConstraintsException limit ->
          new JsonMistake("", "the JSON is beyond a limit: " + reason(limit));
      case InputCoercionException coercion ->
          new JsonMistake(
              path, subject + " is not " + JsonTypes.name(coercion.getTargetType()) + where);
      case StreamReadException malformed -> malformed(malformed, whole, where);
      default -> new JsonMistake(path, whole + " cannot be read: " + cause.getOriginalMessage());
    };
  }

  /** What is wrong, for whoever wrote it, without the place. */
  public static String reason(JacksonException cause) {
    return READER_SETTINGS.matcher(cause.getOriginalMessage()).replaceAll("");
  }

  private static String known(UnrecognizedPropertyException unknown) {
    Collection<Object> known = unknown.getKnownPropertyIds();
    return known == null
        ? ""
        : "; known are "
            + known.stream().map(String::valueOf).sorted().collect(Collectors.joining(", "));
  }

  /** A kind of part that is none, or that is not said. */
  private static JsonMistake kind(InvalidTypeIdException kind, String path) {
    Class<?> base = kind.getBaseType().getRawClass();
    String field = (path.isEmpty() ? "" : path + ".") + JsonTypes.kindField(base);
    String id = kind.getTypeId();
    String message =
        id == null
            ? "field '%s' is missing; it must be one of %s".formatted(field, JsonTypes.kinds(base))
            : "field '%s' is '%s', not one of %s".formatted(field, id, JsonTypes.kinds(base));
    return new JsonMistake(field, message + where(kind));
  }

  /** Values that contradict each other: who checks them says so. */
  private static String refused(ValueInstantiationException refused, String path) {
    Throwable cause = refused.getCause();
    String why =
        cause == null || cause.getMessage() == null
            ? refused.getOriginalMessage()
            : cause.getMessage();
    return path.isEmpty() ? why : "field '" + path + "': " + why;
  }

  private static JsonMistake malformed(StreamReadException malformed, String whole, String where) {
    String message = malformed.getOriginalMessage();
    Matcher twice = TWICE.matcher(message);
    return twice.find()
        ? new JsonMistake(twice.group(1), "field '" + twice.group(1) + "' is there twice" + where)
        : new JsonMistake("", whole + " is not JSON: " + reason(malformed) + where);
  }

  /** What is there in place of what was expected. */
  private static String found(MismatchedInputException mismatch) {
    String type = JsonTypes.name(mismatch.getTargetType());
    JsonToken token = mismatch.getCurrentToken();
    return switch (token == null ? JsonToken.NOT_AVAILABLE : token) {
      // A field that is not there is missed where its object ends.
      case NOT_AVAILABLE, END_OBJECT -> " is missing; it must be " + type;
      case START_OBJECT, PROPERTY_NAME -> " is an object, not " + type;
      case START_ARRAY, END_ARRAY -> " is a list, not " + type;
      case VALUE_STRING -> " is a string, not " + type;
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> " is a number, not " + type;
      case VALUE_TRUE, VALUE_FALSE -> " is true or false, not " + type;
      case VALUE_NULL -> " is null, not " + type;
      case VALUE_EMBEDDED_OBJECT -> " is not " + type;
    };
  }

  /** The text that is there in place of something else, as far as it can still be read. */
  private static String text(MismatchedInputException mismatch) {
    return mismatch.processor() instanceof JsonParser parser
            && parser.currentToken() == JsonToken.VALUE_STRING
            && parser.getStringLength() <= MOST_QUOTED
        ? ": \"" + parser.getString() + "\""
        : "";
  }

  private static String path(JacksonException e) {
    StringBuilder path = new StringBuilder();
    for (JacksonException.Reference reference : e.getPath()) {
      String name = reference.getPropertyName();
      if (name == null) {
        path.append('[').append(reference.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(name);
      }
    }
    return path.toString();
  }

  private static String where(JacksonException e) {
    @Nullable TokenStreamLocation location = e.getLocation();
    return location == null || location.getLineNr() < 1
        ? ""
        : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
  }
}
