package io.millrace.tensor.safetensors;

import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.number.ElementType;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * What the header of a file says, checked: every tensor's bytes are exactly those of its shape, and
 * all tensors together cover the data without gap or overlap.
 *
 * @param tensors by name, in the order of their bytes
 * @param metadata free texts
 */
record SafetensorsHeader(Map<String, TensorInfo> tensors, Map<String, String> metadata) {

  /** The limit of the reference implementation. */
  static final long MAX_BYTES = 100_000_000;

  static final String METADATA = "__metadata__";

  private static final int MAX_RANK = 64;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(3) // header, tensor, list
                  .maxNameLength(4096)
                  .maxStringLength((int) MAX_BYTES)
                  .maxNumberLength(20)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  /**
   * Reads a header.
   *
   * @param file for messages
   * @param json the bytes of the header without its length
   * @param dataBytes how many bytes follow it
   * @throws InvalidSafetensorsException if anything in it is wrong
   */
  static SafetensorsHeader parse(Path file, byte[] json, long dataBytes) {
    return new Parser(file).parse(json, dataBytes);
  }

  private record Parser(Path file) {

    SafetensorsHeader parse(byte[] json, long dataBytes) {
      if (json.length == 0 || json[0] != '{') {
        throw invalid("the header does not begin with '{'");
      }
      Map<String, TensorInfo> tensors = new LinkedHashMap<>();
      Map<String, String> metadata = new LinkedHashMap<>();
      try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text(json))) {
        parser.nextToken();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          if (name.equals(METADATA)) {
            readMetadata(parser, metadata);
          } else {
            tensors.put(name, readTensor(parser, name));
          }
        }
        if (parser.nextToken() != null) {
          throw invalid("something follows the header's JSON object");
        }
      } catch (JacksonException e) {
        throw new InvalidSafetensorsException(
            file, "the header cannot be read: " + e.getOriginalMessage(), e);
      }
      return new SafetensorsHeader(
          Collections.unmodifiableMap(inOrderOfBytes(tensors, dataBytes)),
          Collections.unmodifiableMap(metadata));
    }

    private String text(byte[] json) {
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
      } catch (CharacterCodingException e) {
        throw new InvalidSafetensorsException(file, "the header is not UTF-8", e);
      }
    }

    private void readMetadata(JsonParser parser, Map<String, String> metadata) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw invalid(METADATA + " is not an object");
      }
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
          throw invalid(METADATA + " entry '" + key + "' is not a text");
        }
        metadata.put(key, parser.getString());
      }
    }

    private TensorInfo readTensor(JsonParser parser, String name) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw invalid("the entry of tensor '" + name + "' is not an object");
      }
      ElementType dtype = null;
      long[] shape = null;
      long[] offsets = null;
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        switch (key) {
          case "dtype" -> dtype = readType(parser, name);
          case "shape" -> shape = readNumbers(parser, name, key, MAX_RANK);
          case "data_offsets" -> offsets = readNumbers(parser, name, key, 2);
          default -> throw invalid("tensor '" + name + "' has the unknown entry '" + key + "'");
        }
      }
      if (dtype == null || shape == null || offsets == null || offsets.length != 2) {
        throw invalid("tensor '" + name + "' lacks dtype, shape or two data_offsets");
      }
      return checked(name, dtype, shape, offsets[0], offsets[1]);
    }

    private ElementType readType(JsonParser parser, String name) {
      String text = parser.nextToken() == JsonToken.VALUE_STRING ? parser.getString() : null;
      for (ElementType type : ElementType.values()) {
        if (type.name().equals(text)) {
          return type;
        }
      }
      throw invalid(
          "tensor '%s' has dtype %s, supported are %s"
              .formatted(name, quoted(text), Arrays.toString(ElementType.values())));
    }

    private long[] readNumbers(JsonParser parser, String name, String key, int most) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw invalid("%s of tensor '%s' is not a list".formatted(key, name));
      }
      List<Long> numbers = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT || parser.getLongValue() < 0) {
          throw invalid(
              "%s of tensor '%s' holds %s, expected integers from 0"
                  .formatted(key, name, quoted(parser.getString())));
        }
        numbers.add(parser.getLongValue());
        if (numbers.size() > most) {
          throw invalid("%s of tensor '%s' has more than %d entries".formatted(key, name, most));
        }
      }
      return numbers.stream().mapToLong(Long::longValue).toArray();
    }

    private TensorInfo checked(String name, ElementType dtype, long[] shape, long begin, long end) {
      long bytes = dtype.bytes();
      try {
        // A size of 0 must not hide that the others are too large, wherever it stands.
        for (long size : shape) {
          bytes = Math.multiplyExact(bytes, Math.max(1, size));
        }
      } catch (ArithmeticException e) {
        throw new InvalidSafetensorsException(
            file,
            "tensor '%s' of shape %s is too large".formatted(name, Arrays.toString(shape)),
            e);
      }
      if (Arrays.stream(shape).anyMatch(size -> size == 0)) {
        bytes = 0;
      }
      if (end < begin || end - begin != bytes) {
        throw invalid(
            "tensor '%s' (%s %s) takes %d bytes, but its data_offsets are %d to %d"
                .formatted(name, dtype, Arrays.toString(shape), bytes, begin, end));
      }
      return new TensorInfo(dtype, new Shape(shape), begin, end);
    }

    private Map<String, TensorInfo> inOrderOfBytes(
        Map<String, TensorInfo> tensors, long dataBytes) {
      List<Map.Entry<String, TensorInfo>> entries = new ArrayList<>(tensors.entrySet());
      entries.sort(
          Comparator.comparingLong((Map.Entry<String, TensorInfo> e) -> e.getValue().begin())
              .thenComparingLong(e -> e.getValue().end()));
      Map<String, TensorInfo> ordered = new LinkedHashMap<>();
      long end = 0;
      for (Map.Entry<String, TensorInfo> entry : entries) {
        TensorInfo info = entry.getValue();
        if (info.begin() != end) {
          throw invalid(
              "tensor '%s' begins at byte %d, expected %d: tensors must neither overlap nor leave gaps"
                  .formatted(entry.getKey(), info.begin(), end));
        }
        end = info.end();
        if (end > dataBytes) {
          throw invalid(
              "tensor '%s' ends at byte %d behind the header, but only %d follow it: the file is cut short"
                  .formatted(entry.getKey(), end, dataBytes));
        }
        ordered.put(entry.getKey(), info);
      }
      if (end != dataBytes) {
        throw invalid(
            "its tensors take %d bytes, but %d follow the header".formatted(end, dataBytes));
      }
      return ordered;
    }

    private static String quoted(@Nullable String text) {
      return text == null ? "no text" : "'" + text + "'";
    }

    private InvalidSafetensorsException invalid(String reason) {
      return new InvalidSafetensorsException(file, reason);
    }
  }
}
