package io.millrace.language.model;

import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.parameter.ParameterSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * A tensor as Hugging Face stores it.
 *
 * @param name its name in the file
 * @param shape its shape in the file
 */
public record StoredTensor(String name, Shape shape) {

  /**
   * The tensors that a weight is stored as. Behind one another, flattened, they are the weight:
   * gate rows lie before up rows, and experts in order.
   */
  public static List<StoredTensor> of(ParameterSpec spec) {
    String name = spec.name();
    Shape shape = spec.shape();
    List<StoredTensor> parts = new ArrayList<>();
    if (name.endsWith(".bias")) {
      addBias(parts, name, shape);
    } else if (name.endsWith(DecoderLayout.EXPERTS_GATE_UP)) {
      String prefix = stem(name, DecoderLayout.GATE_UP);
      Shape half = new Shape(shape.get(1) / 2, shape.get(2));
      for (long e = 0; e < shape.get(0); e++) {
        parts.add(new StoredTensor(prefix + e + ".gate_proj.weight", half));
        parts.add(new StoredTensor(prefix + e + ".up_proj.weight", half));
      }
    } else if (name.endsWith(DecoderLayout.EXPERTS_DOWN)) {
      String prefix = stem(name, "down_proj");
      for (long e = 0; e < shape.get(0); e++) {
        parts.add(
            new StoredTensor(
                prefix + e + ".down_proj.weight", new Shape(shape.get(1), shape.get(2))));
      }
    } else if (name.endsWith(DecoderLayout.GATE_UP + ".weight")) {
      String prefix = stem(name, DecoderLayout.GATE_UP + ".weight");
      Shape half = new Shape(shape.get(0) / 2, shape.get(1));
      parts.add(new StoredTensor(prefix + "gate_proj.weight", half));
      parts.add(new StoredTensor(prefix + "up_proj.weight", half));
    } else {
      parts.add(new StoredTensor(name, shape));
    }
    return parts;
  }

  private static void addBias(List<StoredTensor> parts, String name, Shape shape) {
    if (name.endsWith(DecoderLayout.EXPERTS_GATE_UP + ".bias")) {
      String prefix = stem(name, DecoderLayout.GATE_UP + ".bias");
      Shape half = new Shape(shape.get(1) / 2);
      for (long e = 0; e < shape.get(0); e++) {
        parts.add(new StoredTensor(prefix + e + ".gate_proj.bias", half));
        parts.add(new StoredTensor(prefix + e + ".up_proj.bias", half));
      }
    } else if (name.endsWith(DecoderLayout.EXPERTS_DOWN + ".bias")) {
      String prefix = stem(name, "down_proj.bias");
      for (long e = 0; e < shape.get(0); e++) {
        parts.add(new StoredTensor(prefix + e + ".down_proj.bias", new Shape(shape.get(1))));
      }
    } else if (name.endsWith(DecoderLayout.GATE_UP + ".bias")) {
      String prefix = stem(name, DecoderLayout.GATE_UP + ".bias");
      Shape half = new Shape(shape.get(0) / 2);
      parts.add(new StoredTensor(prefix + "gate_proj.bias", half));
      parts.add(new StoredTensor(prefix + "up_proj.bias", half));
    } else {
      parts.add(new StoredTensor(name, shape));
    }
  }

  private static String stem(String name, String suffix) {
    return name.substring(0, name.length() - suffix.length());
  }
}
