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
