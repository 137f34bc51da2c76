const std = @import("std");
const other = @import("other.zig").Other;

const limit: u8 = 3;
var count: u32 = 0;

/// Greets.
pub const Greeter = struct {
    name: []const u8,

    const Self = @This();

    // Hello.
    pub fn greet(self: *Self, n: u8) !u8 {
        if (n > 1) {
        } else {
        }
        while (true) {
        }
        for (self.name) |c| {
        }
        switch (n) {
            1 => {},
            else => {},
        }
        const s = "x";
        const c = 'c';
        const m =
            \\multi
        ;
        return n;
    }
};

const Colour = enum { red };
const U = union(enum) { a: u8 };

test "it" {
}

fn make(x: u8) u8 {
    return x;
}
