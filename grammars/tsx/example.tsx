import React from "react";

interface Props {
  name: string;
}

export const Hello = ({ name }: Props) => {
  return <div className="hello">{name}</div>;
};
const page = <p>Hello there</p>;
