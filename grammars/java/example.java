package org.example;

import java.io.*;
import java.util.List;
import static java.lang.Math.max;

/** Greets. */
@Deprecated
public class Greeter extends Base implements Hello {
    private final String name;

    static {
        load();
    }

    public Greeter(String name) {
        this.name = name;
    }

    @Override
    public <T> List<T> greet(T other) throws Exception {
        if (other != null) {
            return List.of(other);
        } else {
            try {
                other.wait();
            } catch (Exception error) {
            }
        }
        switch (name) {
            case "x":
                break;
        }
        // Later.
        run(() -> {
        });
        return null;
    }

    enum Colour {
        RED
    }

    record Point(int x, int y) {
    }
}

interface Hello {
    char LETTER = 'x';
}

@interface Marked {
  String value();
}

interface Constants {
  int LIMIT = 3;
  void hi();
}

abstract class Abstract {
  private int count = 0;

  abstract void wave();
}
