package io.millrace.standalone.helm.api;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads Kubernetes' protobuf form of a Secret, in which Helm sends its records of releases: four
 * bytes {@code k8s\0}, then {@code runtime.Unknown} around {@code core.v1.Secret} ({@code
 * generated.proto} of apimachinery and api). fabric8's server reads JSON only.
 */
final class ProtobufSecret {
  private static final ByteString MAGIC = ByteString.copyFrom(new byte[] {'k', '8', 's', 0});

  private ProtobufSecret() {}

  static boolean is(byte[] body) {
    return ByteString.copyFrom(body).startsWith(MAGIC);
  }

  /** The same as JSON would say it. */
  static ObjectNode read(byte[] body) {
    try {
      UnknownFieldSet unknown =
          UnknownFieldSet.parseFrom(ByteString.copyFrom(body).substring(MAGIC.size()));
      UnknownFieldSet type = message(unknown, 1);
      if (!text(type, 2).equals("Secret")) {
        throw new IllegalArgumentException("cannot read a " + text(type, 2) + " in protobuf");
      }
      return secret(message(unknown, 2));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static ObjectNode secret(UnknownFieldSet secret) throws InvalidProtocolBufferException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("apiVersion", "v1").put("kind", "Secret").put("type", text(secret, 3));
    UnknownFieldSet from = message(secret, 1);
    ObjectNode metadata = json.putObject("metadata");
    metadata.put("name", text(from, 1)).put("namespace", text(from, 3));
    if (!text(from, 6).isEmpty()) {
      metadata.put("resourceVersion", text(from, 6));
    }
    ObjectNode labels = metadata.putObject("labels");
    for (ByteString entry : from.getField(11).getLengthDelimitedList()) {
      UnknownFieldSet label = UnknownFieldSet.parseFrom(entry);
      labels.put(text(label, 1), text(label, 2));
    }
    ObjectNode data = json.putObject("data");
    for (ByteString entry : secret.getField(2).getLengthDelimitedList()) {
      UnknownFieldSet value = UnknownFieldSet.parseFrom(entry);
      data.put(text(value, 1), Base64.getEncoder().encodeToString(bytes(value, 2).toByteArray()));
    }
    return json;
  }

  private static UnknownFieldSet message(UnknownFieldSet from, int field)
      throws InvalidProtocolBufferException {
    return UnknownFieldSet.parseFrom(bytes(from, field));
  }

  private static String text(UnknownFieldSet from, int field) {
    return bytes(from, field).toStringUtf8();
  }

  private static ByteString bytes(UnknownFieldSet from, int field) {
    List<ByteString> values = from.getField(field).getLengthDelimitedList();
    return values.isEmpty() ? ByteString.EMPTY : values.getLast();
  }
}
