package io.millrace.vision.scene;

import java.util.List;
import java.util.Locale;

/** What a scene shows: flat shapes, and letters drawn as strokes so that no font is needed. */
enum Figure {
  CIRCLE {
    @Override
    boolean contains(double u, double v) {
      return u * u + v * v <= 1;
    }
  },
  SQUARE {
    @Override
    boolean contains(double u, double v) {
      return Math.abs(u) <= 0.85 && Math.abs(v) <= 0.85;
    }
  },
  TRIANGLE {
    @Override
    boolean contains(double u, double v) {
      return v <= 0.85 && v >= -0.95 + 1.9 * Math.abs(u);
    }
  },
  RING {
    @Override
    boolean contains(double u, double v) {
      double radius = u * u + v * v;
      return radius <= 1 && radius >= 0.36;
    }
  },
  LETTER_A {
    @Override
    boolean contains(double u, double v) {
      return stroke(u, v, -0.75, 0.9, 0, -0.9)
          || stroke(u, v, 0.75, 0.9, 0, -0.9)
          || stroke(u, v, -0.42, 0.25, 0.42, 0.25);
    }
  },
  LETTER_E {
    @Override
    boolean contains(double u, double v) {
      return stroke(u, v, -0.6, -0.85, -0.6, 0.85)
          || stroke(u, v, -0.6, -0.85, 0.65, -0.85)
          || stroke(u, v, -0.6, 0, 0.5, 0)
          || stroke(u, v, -0.6, 0.85, 0.65, 0.85);
    }
  };

  private static final double HALF_STROKE = 0.17;

  /** Whether a point of the square [-1, 1] x [-1, 1] belongs to the figure; v points down. */
  abstract boolean contains(double u, double v);

  /** Name as a class, e.g. {@code letter-a}. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static List<String> labels() {
    return List.of(values()).stream().map(Figure::label).toList();
  }

  /** Whether a point is near enough to a line. */
  private static boolean stroke(double u, double v, double u1, double v1, double u2, double v2) {
    double du = u2 - u1;
    double dv = v2 - v1;
    double along = Math.clamp(((u - u1) * du + (v - v1) * dv) / (du * du + dv * dv), 0, 1);
    return Math.hypot(u - u1 - along * du, v - v1 - along * dv) <= HALF_STROKE;
  }
}
