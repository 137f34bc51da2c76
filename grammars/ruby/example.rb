require "json"
require_relative "base"

module Greet
  # Greets.
  class Greeter < Base
    attr_reader :name

    class << self
      def build(name)
        new(name)
      end
    end

    def self.make
    end

    def initialize(name, other: nil)
      @name = name
      if name
        puts "hello #{name}"
      elsif other
        begin
          load "x"
        rescue StandardError => e
          raise
        ensure
          close
        end
      else
        unless other
        end
      end
    end

    def each
      names.each do |name|
        yield name
      end
      names.map { |name| name }
      while true do
        case name
        when /x/
          break
        end
      end
    end
  end
end

LIMIT = 3
autoload :Late, "late"
require_relative "near"

class Plain
end

class Derived < Plain
end

def self.single
end

def self.takes(x)
end

unless x
elsif y
end

while x do
end

until x do
end

while x
end

until x
end

for y in x do
end

case x
when 1
end

begin
rescue
rescue Error
rescue Error => e
ensure
end

z = [1].map { }
w = [1].map { |v| v }
/regex/
<<~TEXT
  text
TEXT
